import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { InputError } from "../../src/ground/errors.js";
import { rawMemory } from "../../src/input/memory/extents.js";
import { openMemory } from "../../src/input/memory/open.js";
import type { PhysicalMemory } from "../../src/input/memory/physical.js";
import { unsnappy } from "../../src/input/memory/snappy.js";
import { MemoryWindow } from "../../src/input/memory/window.js";
import { lastWritten } from "../../src/input/memory/written-pieces.js";
import { openSource } from "../../src/input/open.js";
import { MemorySource } from "../../src/input/source.js";
import { Output } from "../../src/input/unpack/output.js";
import {
  elfCore,
  flattened,
  kdump,
  libvirtSave,
  lime,
  qemuStream,
  type Stretch,
  snappy,
} from "../support/build-memory.js";
import { DUMPS, FIXTURES } from "../support/collection.js";
import { fixture } from "../support/images.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const area = fixture("v7.3-read").bytes();
const noise = new Uint8Array(3 * 4096).map((_, i) => Math.imul(i ^ (i >> 3), 2654435761) >>> 24);
/** Where the area lies in the machines that are made here. */
const AREA = 0x17ff46000;
const stretches: readonly Stretch[] = [
  { address: 0x1000, bytes: noise },
  { address: AREA, bytes: area },
  { address: AREA + 0x10000000, bytes: noise },
];
const whole = { from: 0, to: area.length };
const pieces = (size: number): [number, number][] =>
  Array.from({ length: Math.ceil(size / 50000) }, (_, i) => [i * 50000, Math.min(50000, size - i * 50000)]);
const dump = kdump(stretches);
const half = AREA / 4096 + 64;

const FORMATS: Readonly<Record<string, Uint8Array>> = {
  "ELF core": elfCore(stretches),
  "ELF core, big endian": elfCore(stretches, { bigEndian: true }),
  "ELF core, program headers behind others": elfCore(stretches, { programsAt: 192 }),
  "ELF core, count in a section": elfCore(stretches, { countInSection: true }),
  kdump: dump,
  "kdump, big endian": kdump(stretches, { bigEndian: true }),
  "kdump, snappy": kdump(stretches, { packings: ["snappy"] }),
  "kdump, flattened": flattened(dump, [[0, 4096], ...pieces(dump.length).slice(1), [0, 50000]]),
  LiME: lime(stretches),
  "AVML, compressed": lime(stretches, true),
  "QEMU stream": qemuStream(stretches),
  "libvirt's save": libvirtSave(qemuStream(stretches)),
};

async function memoryIn(bytes: Uint8Array): Promise<PhysicalMemory> {
  const memory = await openMemory(new MemorySource(bytes, "dump"));
  expect(memory).toBeDefined();
  return memory!;
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

describe.each(Object.entries(FORMATS))("%s", (_, bytes) => {
  test("gives the machine's memory, at any address", async () => {
    const memory = await memoryIn(bytes);
    expect(memory.notes).toEqual([]);
    for (const [from, length] of [
      [0, area.length],
      [5, 10],
      [4090, 12],
      [70000, 200000],
      [area.length - 9, 9],
    ] as const)
      expect(equal(memory.read(AREA + from, length), area.subarray(from, from + length))).toBe(true);
    expect(equal(memory.read(0x1000, noise.length), noise)).toBe(true);
  });

  test("says what it does not have", async () => {
    const memory = await memoryIn(bytes);
    expect(memory.read(0, 16)).toHaveLength(0);
    expect(memory.read(AREA - 1, 16)).toHaveLength(0);
    expect(memory.read(AREA + area.length - 4, 16)).toHaveLength(4);
    expect(memory.gaps(0, AREA + area.length + 1)).toEqual([
      { start: 0, end: 0x1000 },
      { start: 0x1000 + noise.length, end: AREA },
      { start: AREA + area.length, end: AREA + area.length + 1 },
    ]);
    expect(memory.gaps(AREA, AREA + area.length)).toEqual([]);
  });

  test("is seen piece by piece", async () => {
    const memory = await memoryIn(bytes);
    const seen: number[] = [];
    for (const piece of memory.pieces()) {
      const stretch = stretches.find(
        ({ address, bytes: there }) => piece.address >= address && piece.address < address + there.length,
      )!;
      const at = piece.address - stretch.address;
      expect(equal(piece.bytes, stretch.bytes.subarray(at, at + piece.bytes.length))).toBe(true);
      seen.push(piece.bytes.length);
    }
    expect(seen.reduce((sum, n) => sum + n, 0)).toBe(area.length + 2 * noise.length);
  });

  test("cut short, it has what came before, and says so", async () => {
    const cut = bytes.subarray(0, Math.floor(bytes.length * 0.7));
    const memory = await memoryIn(cut);
    const window = new MemoryWindow(memory, AREA, area.length);
    let there = 0;
    for (let at = 0; at < area.length; at += 4096) {
      const page = window.read(at, 4096);
      if (page.length === 0) continue;
      expect(equal(page, area.subarray(at, at + page.length))).toBe(true);
      there += page.length;
    }
    const missing = window.holes.reduce((sum, { length }) => sum + length, 0);
    expect(there + missing).toBe(area.length);
    expect(missing + memory.notes.length).toBeGreaterThan(0);
  });

  test("damage anywhere ends in what can be read, or in one line", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: 9000 }), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)), {
          minLength: 1,
          maxLength: 8,
        }),
        async (patches) => {
          const copy = Uint8Array.from(bytes);
          for (const [at, value] of patches) copy[at] = value;
          try {
            const memory = await openMemory(new MemorySource(copy, "dump"));
            if (memory === undefined) return;
            memory.read(AREA, area.length);
            let seen = 0;
            for (const piece of memory.pieces()) {
              seen += piece.bytes.length;
              if (seen > 2 * copy.length) break;
            }
            expect(new MemoryWindow(memory, AREA, area.length).read(0, 64).length).toBeLessThanOrEqual(64);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

test("what makedumpfile wrote: pages packed by zlib, LZO and zstd, a flattened stream that ends with its header", async () => {
  const memory = (await openMemory(await openSource(join(FIXTURES, "memory/kdump-6.12.117.flat"))))!;
  expect(memory.notes).toEqual([]);
  expect(memory.vmcoreinfo).toMatch(/^OSRELEASE=6\.12\.117\+deb13-cloud-amd64\n/);
  const window = new MemoryWindow(memory, 0xbf2a000, 0x80000);
  expect(window.holes).toEqual([]);
  expect(new DataView(window.read(0, 8).slice().buffer).getUint32(0, true)).toBe(0x0badfeed);
  const region = join(DUMPS, "../memory/panic-6.12.117/region.bin.gz");
  if (existsSync(region)) expect(equal(window.read(0, 0x80000), gunzipSync(readFileSync(region)))).toBe(true);
});

test("32-bit machines: ELF and kdump", async () => {
  const low: readonly Stretch[] = [{ address: 0x3000000, bytes: area }];
  for (const bytes of [elfCore(low, { is32: true }), kdump(low, { is32: true, vmcoreinfo: "OSRELEASE=6.12\n" })]) {
    const memory = await memoryIn(bytes);
    expect(equal(memory.read(0x3000000, area.length), area)).toBe(true);
  }
  expect((await memoryIn(kdump(low, { is32: true, vmcoreinfo: "OSRELEASE=6.12\n" }))).vmcoreinfo).toBe(
    "OSRELEASE=6.12\n",
  );
});

test("vmcoreinfo is found in either", async () => {
  for (const build of [elfCore, kdump]) {
    const memory = await memoryIn(build(stretches, { vmcoreinfo: "OSRELEASE=7.3.4\nKERNELOFFSET=0\n" }));
    expect(memory.vmcoreinfo).toBe("OSRELEASE=7.3.4\nKERNELOFFSET=0\n");
  }
});

test("the parts of a split dump are found beside the one that is named; without them their pages are missing", async () => {
  const parts = [
    { from: 0, to: half },
    { from: half, to: 2 * half },
  ].map((part, i) => {
    const path = join(folder, `vmcore.${i}`);
    writeFileSync(path, kdump(stretches, { part }));
    return path;
  });
  writeFileSync(join(folder, "other"), kdump(stretches));
  for (const path of parts) {
    const memory = (await openMemory(await openSource(path), path))!;
    expect(equal(memory.read(AREA, area.length), area)).toBe(true);
    expect(memory.notes).toEqual([]);
  }
  const alone = (await openMemory(await openSource(parts[1]!)))!;
  expect(alone.notes).toEqual([expect.stringMatching(/67 pages of this split dump are in parts that are not here/)]);
  const window = new MemoryWindow(alone, AREA, area.length);
  expect(window.holes).toEqual([{ offset: 0, length: 64 * 4096 }]);
  expect(equal(window.read(64 * 4096, area.length), area.subarray(64 * 4096))).toBe(true);
});

test("a page that cannot be unpacked is missing, the others are there", async () => {
  const packed = Buffer.from(kdump([{ address: AREA, bytes: area }], { packings: ["zlib"] }));
  const bitmap = 2 * 4096 + 2 * Math.ceil((AREA + area.length) / 4096 / 8 / 4096) * 4096;
  packed.fill(0x55, Number(packed.readBigUInt64LE(bitmap + 24 * 7)) + 5).subarray(0);
  const memory = await memoryIn(packed);
  const window = new MemoryWindow(memory, AREA, area.length);
  expect(window.holes[0]!.offset).toBe(7 * 4096);
  expect(equal(window.read(0, area.length), area.subarray(0, 7 * 4096))).toBe(true);
  expect(memory.notes[0]).toMatch(/pages cannot be unpacked, the first: page 0x17ff4d000: .* \(at offset 0x/);
});

test("memory that two program headers name is there once; what has no physical address is passed over", async () => {
  const bytes = elfCore([stretches[1]!, { address: AREA + 0x1000, bytes: area.subarray(0x1000) }, stretches[0]!]);
  const memory = await memoryIn(bytes);
  expect(memory.ranges).toHaveLength(2);
  const kcore = Buffer.from(elfCore(stretches));
  kcore.writeBigUInt64LE((1n << 64n) - 1n, 64 + 56 + 24);
  expect((await memoryIn(kcore)).ranges).toHaveLength(2);
});

test.each([
  ["a program's core", elfCore(stretches.map(({ bytes }) => ({ address: 0, bytes }))), /the core dump of a program/],
  ["no block size", Buffer.concat([Buffer.from("KDUMP   "), Buffer.alloc(8000)]), /has an impossible block size/],
  [
    "more pages than bits",
    Buffer.from(dump)
      .fill(0xff, 4096 + 96, 4096 + 103)
      .fill(0, 4096 + 99, 4096 + 104),
    /counts \d+ pages, and has bits for \d+ \(at offset 0x1b4\)/,
  ],
  ["pages without bound", Buffer.from(dump).fill(0x7f, 4096 + 96, 4096 + 104), /counts \d+ pages: at most/],
  ["a bitmap behind the end", dump.subarray(0, 9000), /puts the bitmap at 0x[0-9a-f]+, and the file ends at 0x2328/],
  [
    "a record before the beginning",
    flattened(dump, [[-5, 100]]),
    /a record of 100 bytes for place -5 \(at offset 0x1000\)/,
  ],
  ["a flattened file of something else", flattened(area, [[0, area.length]]), /without a dump in it/],
  [
    "a range that ends before it begins",
    Buffer.from(lime(stretches)).fill(0, 16, 24),
    /makes no sense \(at offset 0x0\)/,
  ],
])("%s is one line", async (_, bytes, message) => {
  const opened = openMemory(new MemorySource(bytes, "dump"));
  await expect(opened).rejects.toThrow(InputError);
  await expect(opened).rejects.toThrow(message);
});

test("raw memory begins where one says", () => {
  const memory = rawMemory(new MemorySource(area, "ram"), 0x80000000);
  expect(equal(memory.read(0x80000000, area.length), area)).toBe(true);
  expect(memory.read(0, 8)).toHaveLength(0);
  expect(whole.to).toBe(memory.ranges[0]!.end - memory.ranges[0]!.start);
});

test("what anything else is stays open", async () => {
  for (const bytes of [area, noise, Buffer.from("KDUMP"), new Uint8Array(0)])
    expect(await openMemory(new MemorySource(bytes))).toBeUndefined();
});

test("snappy undoes what it packed, and ends on anything", () => {
  const unpacked = (bytes: Uint8Array): Uint8Array => {
    const output = new Output(0, 1 << 20);
    unsnappy(bytes, output);
    return output.finish();
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000, max: 3 }), (bytes) => {
      expect(equal(unpacked(snappy(bytes)), bytes)).toBe(true);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        unpacked(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }),
  );
});

test("of pieces that were written over each other the last is what stands there", () => {
  const piece = fc.record({ start: fc.nat(60), size: fc.integer({ min: 1, max: 25 }) });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const written = pieces.map((each, i) => ({ ...each, place: 1000 * i }));
      const file = new Map<number, number>();
      for (const { start, size, place } of written) for (let i = 0; i < size; i++) file.set(start + i, place + i);
      const got = new Map<number, number>();
      let end = 0;
      for (const { start, size, place } of lastWritten(written)) {
        expect(start).toBeGreaterThanOrEqual(end);
        end = start + size;
        for (let i = 0; i < size; i++) got.set(start + i, place + i);
      }
      expect([...got].sort(([a], [b]) => a - b)).toEqual([...file].sort(([a], [b]) => a - b));
    }),
  );
});

test("a range of memory may be a single byte", async () => {
  const memory = await openMemory(
    new MemorySource(
      lime([
        { address: 0x5000, bytes: Uint8Array.of(7) },
        { address: 0x9000, bytes: noise },
      ]),
      "ram.lime",
    ),
  );
  expect(memory!.ranges.map(({ start, end }) => ({ start, end }))).toEqual([
    { start: 0x5000, end: 0x5001 },
    { start: 0x9000, end: 0x9000 + noise.length },
  ]);
  expect([...memory!.read(0x5000, 16)]).toEqual([7]);
});
