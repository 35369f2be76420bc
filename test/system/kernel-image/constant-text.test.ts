import { expect, test } from "@jest/globals";
import { makeEnv } from "../../../src/print/make-env.js";
import { contextFilesOf } from "../../../src/system/kernel-image/context-files.js";
import { openKernel } from "../../../src/system/kernel-image/open-kernel.js";
import { Kallsyms } from "../../../src/system/symbols/kallsyms.js";
import { buildKernel } from "../../support/build-kernel.js";
import { SMALL_KERNEL } from "../../support/small-kernel.js";

const { elf } = buildKernel(SMALL_KERNEL);
const files = contextFilesOf(await openKernel({ origin: "kernel", path: "kernel", bytes: () => elf }));
const place = (text: string): bigint => SMALL_KERNEL.address + BigInt(Buffer.from(elf).indexOf(text, 0, "latin1"));

const stringAt = (address: bigint, symbols = new Kallsyms(files.kallsyms!)): string | undefined =>
  makeEnv({ abi: SMALL_KERNEL.abi, symbols, kernelText: files.kernelText }).string(
    Number(address >> 32n),
    Number(address & 0xffffffffn),
  );

test("a constant of the kernel is read where a pointer leads to it", () => {
  expect(stringAt(place("a constant\0"))).toBe("a constant");
  expect(stringAt(place("constant\0"))).toBe("constant");
});

test("nothing is read that is no text, or no constant", () => {
  expect(stringAt(place("a variable\0"))).toBeUndefined();
  expect(stringAt(place("\x01\x02\x03\x04binary"))).toBeUndefined();
  expect(stringAt(SMALL_KERNEL.address + 0x4000_0000n)).toBeUndefined();
});

test("KASLR is undone", () => {
  const symbols = new Kallsyms(files.kallsyms!);
  symbols.relocate({ text: symbols.textAddress! + 0x1e00000n });
  expect(stringAt(place("a constant\0") + 0x1e00000n, symbols)).toBe("a constant");
});
