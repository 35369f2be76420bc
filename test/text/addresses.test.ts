import { expect, test } from "@jest/globals";
import { Kallsyms, type SymbolHit } from "../../src/system/symbols/kallsyms.js";
import { AddressText } from "../../src/text/addresses.js";
import { inUse } from "../support/in-use.js";

const hit = (name: string, offset = 0n, size = 1n): SymbolHit => ({
  name,
  offset,
  size,
  module: undefined,
  data: false,
});

test("an address that comes again is not looked up again", () => {
  let asked = 0;
  const addresses = new AddressText((address) => {
    asked++;
    return hit(`at_${address.toString(16)}`);
  });
  for (let round = 0; round < 3; round++)
    for (let hi = 0xffffff00; hi < 0xffffff10; hi++)
      for (let lo = 0; lo < 100; lo++)
        expect(addresses.ip(hi, lo)).toBe(`at_${hi.toString(16)}${lo.toString(16).padStart(8, "0")}`);
  expect(asked).toBe(1600);
});

test("of any number of addresses, wherever they lie, only so many are remembered", () => {
  const addresses = new AddressText((address) => hit(`at_${address}`));
  const before = inUse();
  for (let hi = 1; hi <= 32; hi++) for (let lo = 0; lo < 65_536; lo++) addresses.ip(hi, lo);
  expect(inUse() - before).toBeLessThan(50 * 1024 * 1024);
  // One that was forgotten is looked up anew.
  expect(addresses.ip(1, 0)).toBe(`at_${2 ** 32}`);
});

test("a kretprobe's trampoline stands for an address that is not known, with every option", () => {
  const lookup = (address: bigint) => hit("arch_rethook_trampoline", address - 0x1000n, 0x60n);
  const plain = new AddressText(lookup);
  expect(plain.ip(0, 0x1000)).toBe("[unknown/kretprobe'd]");
  expect(plain.ip(0, 0x1004)).toBe("arch_rethook_trampoline");
  const all = new AddressText(lookup, undefined, { symOffset: true, symAddr: true, digits: 16 });
  expect(all.ip(0, 0x1000)).toBe("[unknown/kretprobe'd] <0000000000001000>");
  expect(all.ip(0, 0x1004)).toBe("arch_rethook_trampoline+0x4/0x60 <0000000000001004>");
});

test("data has symbols, but no function", () => {
  const symbols = new Kallsyms(
    Buffer.from(`ffffffff81000000 T _stext
ffffffff81001000 T may_link
ffffffff81002000 T _etext
ffffffff82001000 D scomp
ffffffff83000000 T _sinittext
ffffffff83001000 t set_reset_devices
ffffffff83002000 T _einittext
ffffffff84000000 B _end
`),
  );
  const addresses = new AddressText((address) => symbols.lookup(address));
  const names = (lo: number) => [addresses.ip(0xffffffff, lo), addresses.functionName(0xffffffff, lo)];
  expect(names(0x81001010)).toEqual(["may_link", "may_link"]);
  expect(names(0x83001010)).toEqual(["set_reset_devices", "set_reset_devices"]);
  expect(names(0x82001010)).toEqual(["scomp", undefined]);
});
