import { expect, test } from "@jest/globals";
import { looksRandom } from "../../src/machine/usual-text.js";

test.each([
  ["x86-64", 0xffffffff81000000n],
  ["riscv64", 0xffffffff80000000n],
  ["riscv64 with its text behind a page of head", 0xffffffff80002000n],
  ["arm64 with 48 bits of address", 0xffff800080000000n],
  ["arm64 with 47", 0xffffc00080000000n],
  ["arm64 with 39", 0xffffffc080000000n],
  ["powerpc64", 0xc000000000000000n],
  ["loongarch64", 0x9000000000200000n],
  ["s390x", 0x3ffe0100000n],
  ["arm", 0xc0208000n],
  ["none", 0n],
])("a kernel of %s that KASLR left alone", (_, text) => {
  expect(looksRandom(text)).toBe(false);
});

test.each([
  ["x86-64", 0xffffffff9ba00000n],
  ["x86-64 by one step", 0xffffffff81200000n],
  ["riscv64", 0xffffffff80200000n],
  ["arm64", 0xffffd5a080000000n],
  ["arm64 by one step", 0xffff800080200000n],
])("a kernel of %s that KASLR moved", (_, text) => {
  expect(looksRandom(text)).toBe(true);
});
