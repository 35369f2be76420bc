import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { rawMemory } from "../../src/input/memory/extents.js";
import { MemorySource } from "../../src/input/source.js";
import { findAreas } from "../../src/locate/find.js";
import { fixture } from "../support/images.js";
import { rbtool } from "../support/run.js";
import { schemaOf } from "../support/schema.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PAGE = 4096;
/** 2 CPUs of 62 sub-buffers, all of them full. */
const IMAGE = Buffer.from(fixture("v7.3-read").bytes());
/** Where the CPUs' sub-buffers lie in it. */
const SUBBUFS = [0x3000, 0x42000] as const;
const COUNT = 62;

function noise(size: number, seed: number): Buffer {
  let x = seed | 1;
  const words = Uint32Array.from({ length: size / 4 }, () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x;
  });
  return Buffer.from(words.buffer);
}

const search = (memory: Uint8Array) => findAreas(rawMemory(new MemorySource(memory)), { deep: true });

/** An image without any meta. */
function withoutMetas(): Buffer {
  const bytes = Buffer.from(IMAGE);
  noise(0x3000, 21).copy(bytes, 0);
  noise(PAGE, 22).copy(bytes, 0x41000);
  return bytes;
}

test("an area without any meta: each CPU's sub-buffers are a run", async () => {
  const memory = noise(IMAGE.length + 40 * PAGE, 3);
  withoutMetas().copy(memory, 20 * PAGE);
  const { areas, loose } = await search(memory);
  expect(areas).toEqual([]);
  expect(
    loose.map(({ address, pages, stride, contiguous, copyOf }) => [address, pages.length, stride, contiguous, copyOf]),
  ).toEqual(SUBBUFS.map((at) => [20 * PAGE + at, COUNT, PAGE, true, undefined]));
});

/** The image's pages at every third page, in an order of their own. */
function scatter(memory: Buffer, from: number, order: readonly number[]): void {
  for (const [i, page] of order.entries()) IMAGE.copy(memory, from + 3 * i * PAGE, page * PAGE, (page + 1) * PAGE);
}

test("the pages of a copy that lie anywhere are found by what they hold, with their original and without", async () => {
  const all = Array.from({ length: IMAGE.length / PAGE }, (_, i) => i);
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(all, { minLength: all.length }), fc.boolean(), async (order, original) => {
      const memory = noise(4 * IMAGE.length + 64 * PAGE, 5);
      scatter(memory, IMAGE.length + 9 * PAGE, order);
      if (original) IMAGE.copy(memory, PAGE);
      const { areas, loose } = await search(memory);
      expect(areas.map(({ address }) => address)).toEqual(original ? [PAGE] : []);
      expect(loose).toHaveLength(1);
      expect(loose[0]).toMatchObject({ contiguous: false, stride: PAGE });
      expect(loose[0]!.pages).toHaveLength(2 * COUNT);
      expect(loose[0]!.copyOf?.address).toBe(original ? PAGE : undefined);
    }),
    { numRuns: 4 },
  );
});

test("nothing else is told: noise, zeros, an area's own sub-buffers", async () => {
  const memory = Buffer.concat([noise(64 * PAGE, 7), new Uint8Array(64 * PAGE), IMAGE, noise(512 * PAGE, 9)]);
  const { areas, loose } = await search(memory);
  expect([areas.length, loose]).toEqual([1, []]);
});

test("the report, by its schema, and files that every command reads", async () => {
  const memory = noise(5 * IMAGE.length, 11);
  IMAGE.copy(memory, PAGE);
  const all = Array.from({ length: IMAGE.length / PAGE }, (_, i) => i);
  scatter(memory, IMAGE.length + 8 * PAGE, [...all].reverse());
  const path = join(folder, "ram");
  writeFileSync(path, memory);
  const out = join(folder, "found");
  const { status, stdout } = await rbtool(["locate", "--deep", "--json", "--extract", out, path]);
  expect(status).toBe(0);
  const report = JSON.parse(stdout);
  expect(schemaOf("locate")(report)).toEqual([]);
  expect(report.loose).toMatchObject([
    { pages: 2 * COUNT, pageSize: PAGE, contiguous: false, events: 10460, copyOf: "0x1000", firstTime: "5503700262" },
  ]);
  const text = await rbtool(["locate", "--deep", path]);
  expect(text.stdout).toMatch(
    / 124 +4096 +10460 +5\.503700 +7\.103588 +a copy of the sub-buffers of 0x1000, scattered, /,
  );
  const { file } = report.loose[0];
  expect(readFileSync(file)).toHaveLength(2 * COUNT * PAGE);
  const stats = await rbtool(["stats", "--no-live", file]);
  expect(stats.stdout).toMatch(/^10460 events from 5\.503700 to 7\.103588/);
  const plain = JSON.parse((await rbtool(["locate", "--json", path])).stdout);
  expect(plain.loose).toEqual([]);
  writeFileSync(path, withoutMetas());
  const alone = await rbtool(["locate", "--deep", path]);
  expect([alone.status, alone.stdout]).toEqual([
    0,
    expect.stringContaining("a CPU's part of an area whose metas are destroyed"),
  ]);
});

test("what the kernel wrote of itself: its banner, its parameters, its console; it tells the original from a copy", async () => {
  const memory = noise(4 * IMAGE.length, 13);
  IMAGE.copy(memory, PAGE);
  IMAGE.copy(memory, 2 * IMAGE.length);
  const said = (text: string, at: number) => memory.write(text, at, "latin1");
  said("Linux version 7.3.0 (root@build) (gcc 14) #1 SMP\n\0", 0x81234);
  said("console=ttyS0 reserve_mem=512K:4096:trace trace_instance=boot_map@trace,sched quiet\0", 0x82001);
  said("mapped boot instance boot_map at physical memory 0x0000000000100000 of size 0x8000000", 0x83456);
  said("reserve_mem=%s trace_instance= mapped boot instance ", 0x84000);
  const path = join(folder, "said");
  writeFileSync(path, memory);
  expect(2 * IMAGE.length).toBe(0x100000);
  const report = JSON.parse((await rbtool(["locate", "--deep", "--json", path])).stdout);
  expect(schemaOf("locate")(report)).toEqual([]);
  expect(report.kernel.said).toEqual([
    { kind: "release", address: "0x81234", text: "Linux version 7.3.0 (root@build)", area: null },
    { kind: "parameter", address: "0x8200f", text: "reserve_mem=512K:4096:trace", area: null },
    { kind: "parameter", address: "0x8202b", text: "trace_instance=boot_map@trace,sched", area: null },
    {
      kind: "mapped",
      address: "0x83456",
      text: "mapped boot instance boot_map at physical memory 0x0000000000100000",
      area: "0x100000",
    },
  ]);
  expect(report.areas.map(({ address, role }: { address: string; role: string }) => [address, role])).toEqual([
    ["0x1000", "copy"],
    ["0x100000", "original"],
  ]);
  const text = await rbtool(["locate", "--deep", path]);
  expect(text.stdout).toContain("0x83456  mapped boot instance boot_map at physical memory 0x0000000000100000 (found)");
});
