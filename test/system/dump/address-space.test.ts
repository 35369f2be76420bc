import { expect, test } from "@jest/globals";
import type { PhysicalMemory } from "../../../src/input/memory/physical.js";
import { Vmcoreinfo } from "../../../src/input/memory/vmcoreinfo.js";
import { addressSpace } from "../../../src/system/dump/address-space.js";

/** A machine's memory: words at places, and text. */
function machine(words: readonly (readonly [place: number, word: bigint])[], texts: Record<number, string>) {
  const bytes = Buffer.alloc(0x40_0000);
  for (const [place, word] of words) bytes.writeBigUInt64LE(word, place);
  for (const [place, text] of Object.entries(texts)) bytes.write(text, Number(place), "latin1");
  const read = (address: number, length: number) => bytes.subarray(address, address + length);
  return { read } as unknown as PhysicalMemory;
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

test.each([
  [0, 48, 0xffff_8880_0000_0000n, 0xffff_8000_0000_0000n],
  [1, 57, 0xff11_0000_0000_0000n, 0xff00_0000_0000_0000n],
])("x86-64 with pgtable_l5_enabled=%i: pages of 4 KiB, 2 MiB and 1 GiB", (five, bits, direct, first) => {
  const info = new Vmcoreinfo(
    `SYMBOL(_stext)=ffffffff81000000\nSYMBOL(swapper_pg_dir)=ffffffff81010000\nNUMBER(phys_base)=-16777216\nNUMBER(pgtable_l5_enabled)=${five}\n`,
  );
  // phys_base is -16 MiB: the directory lies at 64 KiB.
  const at = (address: bigint, shift: number) => 8 * Number((address >> BigInt(shift)) & 511n);
  const words: [number, bigint][] = [];
  let table = 0x1_0000;
  const NX = 1n << 63n;
  for (let shift = bits - 9; shift > 12; shift -= 9) {
    words.push([table + at(direct, shift), BigInt(table + 0x1000) | 0x63n]);
    table += 0x1000;
  }
  words.push([table + at(direct, 12), 0x8000n | 0x63n | NX], [table + at(direct, 12) + 8, 0x5000n | 0x63n]);
  // A large page behind it, and a huge one: PS is set.
  const large = direct + (1n << 21n);
  const huge = direct + (1n << 30n);
  words.push([table - 0x1000 + at(large, 21), 0x20_0000n | 0xe3n], [table - 0x2000 + at(huge, 30), 0xe3n]);
  const space = addressSpace(machine(words, { 36856: "across ", 20480: "pages\0", 2101812: "large\0" }), info)!;
  expect(space.placeOf(direct + 0x10n)).toBe(0x8010);
  expect(text(space.read(direct + 0xff8n, 14))).toBe("across \0pages\0");
  expect(text(space.read(large + 0x1234n, 5))).toBe("large");
  expect(text(space.read(huge + 0x20_1234n, 5))).toBe("large");
  // Not mapped, not in the dump, not the kernel's, no address at all.
  expect(space.read(direct + 0x1ffen, 9).length).toBe(2);
  expect(space.placeOf(huge + (1n << 30n))).toBeUndefined();
  expect(space.read(huge + 0x40_0000n, 4).length).toBe(0);
  expect(space.placeOf(first - 1n)).toBeUndefined();
  expect(space.placeOf(direct + (1n << 64n))).toBeUndefined();
});

test("arm64 with pages of 16 KiB and addresses of 47 bits: pages, and blocks of 32 MiB", () => {
  const info = new Vmcoreinfo(
    "PAGESIZE=16384\nSYMBOL(_stext)=ffffc00080010000\nSYMBOL(swapper_pg_dir)=ffffc00080020000\nNUMBER(kimage_voffset)=0xffffc00080000000\nNUMBER(TCR_EL1_T1SZ)=0x11\n",
  );
  const direct = 0xffff_8000_0000_0000n;
  const page = direct + 5n * 16384n;
  const words: [number, bigint][] = [
    [0x2_0000, 0x2_4000n | 3n],
    [0x2_4000, 0x2_8000n | 3n],
    [0x2_8000 + 8 * 5, 0x3_0000n | 0x68_0000_0000_0703n],
    [0x2_4000 + 8, 0x0n | 0x68_0000_0000_0701n],
  ];
  const space = addressSpace(machine(words, { 196624: "page", 196640: "block" }), info)!;
  expect(text(space.read(page + 0x10n, 4))).toBe("page");
  expect(text(space.read(direct + (1n << 25n) + 0x3_0020n, 5))).toBe("block");
  expect(space.placeOf(direct)).toBeUndefined();
  expect(space.placeOf(direct - 1n)).toBeUndefined();
});

test("tables that lead to themselves end", () => {
  const info = new Vmcoreinfo(
    "SYMBOL(_stext)=ffffffff81000000\nSYMBOL(swapper_pg_dir)=ffffffff81010000\nNUMBER(phys_base)=-16777216\nNUMBER(pgtable_l5_enabled)=0\n",
  );
  const words = Array.from({ length: 512 }, (_, i) => [0x1_0000 + 8 * i, 0x1_0063n] as const);
  const space = addressSpace(machine(words, {}), info)!;
  expect(space.placeOf(0xffff_8880_0000_0000n)).toBe(0x1_0000);
});
