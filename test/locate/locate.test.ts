import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { rawMemory } from "../../src/input/memory/extents.js";
import { MemorySource } from "../../src/input/source.js";
import { findAreas } from "../../src/locate/find.js";
import { kdump } from "../support/build-memory.js";
import { FIXTURES } from "../support/collection.js";
import { fixtureImages } from "../support/images.js";
import { noise } from "../support/random.js";
import { rbtool } from "../support/run.js";
import { schemaOf } from "../support/schema.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PAGE = 4096;
const images = fixtureImages.map((dump) => ({ name: dump.name, bytes: dump.bytes() }));
const small = images.filter(({ bytes }) => bytes.length <= 1024 * 1024);

async function found(bytes: Uint8Array) {
  const { areas, lookalikes } = await findAreas(rawMemory(new MemorySource(bytes)));
  return { places: areas.map(({ address, image, certainty }) => [address, image.source.size, certainty]), lookalikes };
}

test.each(images)("$name is found in noise, PROVEN, at its own size", async ({ bytes }) => {
  const ram = noise(bytes.length + 64 * PAGE, 5);
  ram.set(bytes, 17 * PAGE);
  expect((await found(ram)).places).toEqual([[17 * PAGE, bytes.length, "proven"]]);
});

test("images at any places among noise, look-alikes and stray pages of others: each, and nothing else", async () => {
  const pieces = fc.array(
    fc.record({ image: fc.nat(small.length - 1), gap: fc.nat(20), stray: fc.nat(1000), seed: fc.integer({ min: 1 }) }),
    { minLength: 1, maxLength: 4 },
  );
  await fc.assert(
    fc.asyncProperty(pieces, async (chosen) => {
      const parts: Uint8Array[] = [];
      const expected: unknown[] = [];
      let at = 0;
      for (const { image, gap, stray, seed } of chosen) {
        const { bytes } = small[image]!;
        const before = noise((gap + 3) * PAGE, seed);
        // A page with nothing but a header, and a sub-buffer of somebody: neither is an area.
        before.set(small[stray % small.length]!.bytes.subarray(0, 24), PAGE);
        before.set(bytes.subarray(bytes.length - PAGE), 2 * PAGE);
        parts.push(before, bytes);
        expected.push([at + before.length, bytes.length, "proven"]);
        at += before.length + bytes.length;
      }
      parts.push(noise(PAGE, 3));
      expect((await found(Buffer.concat(parts))).places).toEqual(expected);
    }),
    {
      numRuns: 8,
      // Two of the same: the sub-buffers of the first lie where a CPU before the second's would be.
      examples: [
        [
          [
            { image: 3, gap: 0, stray: 0, seed: 1 },
            { image: 3, gap: 0, stray: 0, seed: 1 },
          ],
        ],
      ],
    },
  );
}, 60_000);

test("one that another is written over is found as well, as likely", async () => {
  const [one, other] = [
    images.find(({ name }) => name === "v7.3-read")!.bytes,
    images.find(({ name }) => name === "v7.1-rewind")!.bytes,
  ];
  const half = one.length / 2;
  const headIsLeft = noise(one.length * 2, 9);
  headIsLeft.set(one, 5 * PAGE);
  headIsLeft.set(other, 5 * PAGE + half);
  expect((await found(headIsLeft)).places).toEqual([
    [5 * PAGE, one.length, "likely"],
    [5 * PAGE + half, other.length, "proven"],
  ]);
  const tailIsLeft = noise(one.length * 2, 9);
  tailIsLeft.set(one, 5 * PAGE + half);
  tailIsLeft.set(other.subarray(0, half), 5 * PAGE + half);
  expect((await found(tailIsLeft)).places).toEqual([[5 * PAGE + half, one.length, "proven"]]);
});

test.each(["v7.3-read", "v6.12-rewind"])("%s without its beginning is found by its other CPU's meta", async (name) => {
  const { bytes } = images.find((image) => image.name === name)!;
  const ram = noise(bytes.length + 40 * PAGE, 7);
  ram.set(bytes, 20 * PAGE);
  ram.set(noise(3 * PAGE, 11), 20 * PAGE);
  expect((await found(ram)).places).toEqual([[20 * PAGE, bytes.length, "likely"]]);
});

test("a header with nothing behind it is counted, not believed", async () => {
  const ram = noise(64 * PAGE, 1);
  ram.set(images.find(({ name }) => name === "v7.3-read")!.bytes.subarray(0, PAGE), 8 * PAGE);
  expect(await found(ram)).toEqual({ places: [], lookalikes: 1 });
});

test("the report: text, JSON by its schema, and the files that it writes", async () => {
  const { bytes } = images.find(({ name }) => name === "v7.3-read")!;
  const path = join(folder, "vmcore");
  writeFileSync(
    path,
    kdump([
      { address: 0x7f40000, bytes },
      { address: 0x9000000, bytes },
    ]),
  );
  const out = join(folder, "found");
  const { status, stdout, stderr } = await rbtool(["locate", "--json", "--extract", out, path]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const report = JSON.parse(stdout);
  expect(schemaOf("locate")(report)).toEqual([]);
  expect(report.areas).toMatchObject([
    {
      address: "0x7f40000",
      size: bytes.length,
      events: 10460,
      certainty: "proven",
      role: null,
      missing: 0,
      damaged: 0,
    },
    { address: "0x9000000" },
  ]);
  for (const { file } of report.areas) expect(Buffer.compare(readFileSync(file), bytes)).toBe(0);
  const text = await rbtool(["locate", path]);
  expect(text.stdout).toContain(`${path}: a compressed kdump: 2 persistent buffers in `);
  expect(text.stdout).toMatch(
    /0x7f40000 +0x80000 +2 +10460 +5\.503700 +7\.103588 +PROVEN, sound +- +6\.16 and later\n/,
  );
  const again = await rbtool(["locate", "--extract", out, path]);
  expect(again.status).toBe(2);
  expect(again.stderr).toContain("already exists; --force overwrites it");
});

test("of two with the same addresses, the one that the direct map has there is the original", async () => {
  const { bytes } = images.find(({ name }) => name === "v7.3-read")!;
  const path = join(folder, "copied");
  writeFileSync(
    path,
    kdump([
      { address: 0x9000000, bytes },
      { address: 0x17ff46000, bytes },
    ]),
  );
  const { areas } = JSON.parse((await rbtool(["locate", "--json", path])).stdout);
  expect(areas.map(({ role }: { role: string }) => role)).toEqual(["copy", "original"]);
});

test("a real machine's memory; and none in it", async () => {
  const { stdout } = await rbtool(["locate", join(FIXTURES, "memory/kdump-6.12.117.flat")]);
  expect(stdout).toMatch(/0xbf2a000 +0x80000 +2 +11897 /);
  const path = join(folder, "noise");
  writeFileSync(path, noise(PAGE, 2));
  const { status, stdout: none } = await rbtool(["locate", path]);
  expect(status).toBe(3);
  expect(none).toBe(`${path}: raw memory: no persistent buffer in 4096 bytes (4 KiB)\n`);
  expect(existsSync(join(folder, "found"))).toBe(true);
});
