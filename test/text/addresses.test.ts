import { expect, test } from "@jest/globals";
import { AddressText } from "../../src/text/addresses.js";
import { inUse } from "../support/in-use.js";

test("an address that comes again is not looked up again", () => {
  let asked = 0;
  const addresses = new AddressText((address) => {
    asked++;
    return { name: `at_${address.toString(16)}`, offset: 0n, size: 1n };
  });
  for (let round = 0; round < 3; round++)
    for (let hi = 0xffffff00; hi < 0xffffff10; hi++)
      for (let lo = 0; lo < 100; lo++)
        expect(addresses.ip(hi, lo)).toBe(`at_${hi.toString(16)}${lo.toString(16).padStart(8, "0")}`);
  expect(asked).toBe(1600);
});

test("of any number of addresses, wherever they lie, only so many are remembered", () => {
  const addresses = new AddressText((address) => ({ name: `at_${address}`, offset: 0n, size: 1n }));
  const before = inUse();
  for (let hi = 1; hi <= 32; hi++) for (let lo = 0; lo < 65_536; lo++) addresses.ip(hi, lo);
  expect(inUse() - before).toBeLessThan(50 * 1024 * 1024);
  // One that was forgotten is looked up anew.
  expect(addresses.ip(1, 0)).toBe(`at_${2 ** 32}`);
});

test("a kretprobe's trampoline stands for an address that is not known, with every option", () => {
  const lookup = (address: bigint) => ({ name: "arch_rethook_trampoline", offset: address - 0x1000n, size: 0x60n });
  const plain = new AddressText(lookup);
  expect(plain.ip(0, 0x1000)).toBe("[unknown/kretprobe'd]");
  expect(plain.ip(0, 0x1004)).toBe("arch_rethook_trampoline");
  const all = new AddressText(lookup, undefined, { symOffset: true, symAddr: true, digits: 16 });
  expect(all.ip(0, 0x1000)).toBe("[unknown/kretprobe'd] <0000000000001000>");
  expect(all.ip(0, 0x1004)).toBe("arch_rethook_trampoline+0x4/0x60 <0000000000001004>");
});
