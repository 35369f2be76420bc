import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { InputError } from "../../src/ground/errors.js";
import { Allowance, OverBudget } from "../../src/input/budget.js";
import { packingOf } from "../../src/input/unpack/packing.js";
import { unpack } from "../../src/input/unpack/unpack.js";

/** One file packed by each of the usual programs (xz 5.4, zstd 1.5, lz4 1.9, lzop 1.04, bzip2 1.0, gzip). */
const FOLDER = join(import.meta.dirname, "../../fixtures/packed");
const SAMPLE = new Uint8Array(readFileSync(join(FOLDER, "sample")));
const PACKED = readdirSync(FOLDER).filter((name) => name.startsWith("sample."));
const LIMIT = 1024 * 1024;

test("every kind of packing is there", () => {
  expect(new Set(PACKED.map((name) => packingOf(readFileSync(join(FOLDER, name)))))).toEqual(
    new Set(["gzip", "zstd", "xz", "lzma", "bzip2", "lz4", "lzop"]),
  );
});

test.each(PACKED)("%s is unpacked", async (name) => {
  const packed = new Uint8Array(readFileSync(join(FOLDER, name)));
  const packing = packingOf(packed)!;
  expect(Buffer.compare(await unpack(packed, packing, new Allowance(2 * LIMIT)), SAMPLE)).toBe(0);
  // Kernels have their unpacked size behind the stream, and other code behind that.
  const followed = Buffer.concat([packed, Buffer.from([0xdc, 0x25, 0, 0]), Buffer.alloc(32, 0xe8)]);
  expect(Buffer.compare(await unpack(followed, packing, new Allowance(2 * LIMIT)), SAMPLE)).toBe(0);
});

/** Branches of three machines, packed by xz 5.8 with the filters of machines that kernels are no longer, or seldom, packed for. */
test.each(["ia64", "sparc", "riscv", "delta"])("xz's filter %s is undone", async (filter) => {
  const packed = readFileSync(join(FOLDER, `branches.${filter}.xz`));
  expect(
    Buffer.compare(await unpack(packed, "xz", new Allowance(2 * LIMIT)), readFileSync(join(FOLDER, "branches"))),
  ).toBe(0);
});

/** One line, packed by xz 5.8 with each of its checks. */
const CHECKED = {
  crc32: "/Td6WFoAAAFpIt42AgAhARYAAAB0L+Wj4AAfABNdADmbyfLnULjF4lzC4GNlenJBAAAAAFCLey4AASsgimiYbZBCmQ0BAAAAAAFZWg==",
  crc64: "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AAfABNdADmbyfLnULjF4lzC4GNlenJBAAAAAN9m9H93m9qvAAEvII6t9AkftvN9AQAAAAAEWVo=",
  sha256:
    "/Td6WFoAAArh+wyhAgAhARYAAAB0L+Wj4AAfABNdADmbyfLnULjF4lzC4GNlenJBAAAAAH5MEdWIF6TmbVHy5s1IBRona/sBWF5hCSGbq1x+oxkSAAFHICFM0KQYm0uaAQAAAAAKWVo=",
} as const;

test.each(Object.entries(CHECKED))("xz with %s: no bit of it is damaged unnoticed", async (check, base64) => {
  const packed = Buffer.from(base64, "base64");
  const text = "some text, some text, some text\n";
  expect(Buffer.from(await unpack(packed, "xz", new Allowance(LIMIT))).toString()).toBe(text);
  const said = new Set<string>();
  for (let bit = 0; bit < packed.length * 8; bit++) {
    const damaged = Buffer.from(packed);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    try {
      // Padding is not looked at.
      expect(Buffer.from(await unpack(damaged, "xz", new Allowance(LIMIT))).toString()).toBe(text);
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      said.add((error as Error).message);
    }
  }
  expect([...said]).toContain(`xz: its check (${check}) does not match`);
  for (let size = 6; size < packed.length; size++)
    await expect(unpack(packed.subarray(0, size), "xz", new Allowance(LIMIT))).rejects.toThrow(InputError);
});

test("bzip2: no bit of a block is damaged unnoticed", async () => {
  const packed = readFileSync(join(FOLDER, "sample.bz2"));
  for (let bit = 10 * 8; bit < packed.length * 8; bit += 61) {
    const damaged = Buffer.from(packed);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    await expect(unpack(damaged, "bzip2", new Allowance(2 * LIMIT))).rejects.toThrow(InputError);
  }
});

test.each(PACKED)("%s: what expands beyond the limit is refused", async (name) => {
  const packed = readFileSync(join(FOLDER, name));
  await expect(unpack(packed, packingOf(packed)!, new Allowance(2 * SAMPLE.length - 2))).rejects.toThrow(OverBudget);
});

test.each(PACKED)("%s: damaged, it ends in bytes or in an InputError", async (name) => {
  const packed = new Uint8Array(readFileSync(join(FOLDER, name)));
  const packing = packingOf(packed)!;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(packed.length - 1), fc.nat(255)), { maxLength: 6 }),
      fc.nat(packed.length),
      async (changes, length) => {
        const bytes = packed.slice(0, length);
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        try {
          expect((await unpack(bytes, packing, new Allowance(2 * LIMIT))).length).toBeLessThanOrEqual(LIMIT);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      },
    ),
    { numRuns: 150 },
  );
});

/** A frame of one block that stands for itself, without its size, as a pipe is packed. */
function zstdOfPipe(content: Uint8Array): Uint8Array {
  const block = (content.length << 3) | 1;
  return Buffer.concat([
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, block & 255, (block >> 8) & 255, block >> 16]),
    content,
  ]);
}

test.each([
  ["true", SAMPLE.length],
  ["too small", SAMPLE.length - 1],
  ["too large", SAMPLE.length + 1],
  ["absurd", 0xfffffff0],
])("zstd: a size behind the frame that is %s does not change what is unpacked", async (_, size) => {
  const behind = Buffer.alloc(4);
  behind.writeUInt32LE(size);
  const packed = Buffer.concat([zstdOfPipe(SAMPLE), behind]);
  expect(Buffer.compare(await unpack(packed, "zstd", new Allowance(2 * LIMIT)), SAMPLE)).toBe(0);
});

test("zstd: a frame of a known size is held to the limit", async () => {
  const packed = Buffer.concat([zstdOfPipe(SAMPLE), Buffer.from(Uint32Array.of(SAMPLE.length).buffer)]);
  await expect(unpack(packed, "zstd", new Allowance(2 * SAMPLE.length - 2))).rejects.toThrow(OverBudget);
});

/** A zstd frame of one byte a block (RFC 8878: RLE) and of bytes as they are, in turn; it states a size. */
function largeFrame(blocks: number, stated?: number): { readonly packed: Buffer; readonly plain: Buffer } {
  const BLOCK = 128 * 1024;
  const parts: Buffer[] = [Buffer.alloc(9)];
  const plain = Buffer.alloc(blocks * BLOCK);
  for (let i = 0; i < blocks; i++) {
    const last = i === blocks - 1 ? 1 : 0;
    const header = Buffer.alloc(3);
    const raw = i % 2 === 0;
    header.writeUIntLE((BLOCK << 3) | ((raw ? 0 : 1) << 1) | last, 0, 3);
    const bytes = plain.subarray(i * BLOCK, (i + 1) * BLOCK);
    if (raw) for (let at = 0; at < BLOCK; at += 4) bytes.writeUInt32LE(Math.imul(at + i, 0x9e3779b1) >>> 0, at);
    else bytes.fill(i);
    parts.push(header, raw ? Buffer.from(bytes) : Buffer.from([i & 0xff]));
  }
  parts[0]!.writeUInt32LE(0xfd2fb528, 0);
  // A single segment, whose size has four bytes.
  parts[0]!.writeUInt8(0xa0, 4);
  parts[0]!.writeUInt32LE(stated ?? plain.length, 5);
  return { packed: Buffer.concat(parts), plain };
}

test("large zstd frames are decoded where they lie, each in a memory of its own", async () => {
  const unpacked: Uint8Array[] = [];
  const frames = [200, 140, 260].map((blocks) => largeFrame(blocks));
  for (const { packed } of frames) unpacked.push(await unpack(packed, "zstd", new Allowance(1 << 28)));
  frames.forEach(({ plain }, i) => {
    expect(Buffer.compare(plain, unpacked[i]!)).toBe(0);
  });
  // A size that is not true.
  for (const stated of [frames[0]!.plain.length - 1, frames[0]!.plain.length + 1]) {
    const { packed } = largeFrame(200, stated);
    await expect(unpack(packed, "zstd", new Allowance(1 << 28))).rejects.toThrow(InputError);
  }
  await expect(unpack(frames[1]!.packed.subarray(0, -7), "zstd", new Allowance(1 << 28))).rejects.toThrow(InputError);
});
