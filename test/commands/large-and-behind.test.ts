import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { openImage } from "../../src/image/open.js";
import { runsOf } from "../../src/render/map-runs.js";
import { mmapLayout } from "../../src/report/mmap-layout.js";
import { buildImage } from "../support/build-image.js";
import { scratchFolder } from "../support/command-lines.js";
import { Dump } from "../support/images.js";
import { rbtool } from "../support/run.js";

const folder = scratchFolder();
afterAll(() => folder.remove());

test("bytes behind the area are named, and counted in JSON", async () => {
  const file = join(folder.path, "dump.bin");
  writeFileSync(file, new Dump("v7.3-few").bytes());
  expect((await rbtool(["inspect", file])).stdout).not.toMatch(/behind it/);
  appendFileSync(file, new Uint8Array(12288).fill(0x5a));
  expect((await rbtool(["inspect", file])).stdout).toMatch(/^ {2}behind it +12288 bytes \(12 KiB\) that are not part/m);
  const { layout } = JSON.parse((await rbtool(["inspect", "--json", file])).stdout) as { layout: { behind: number } };
  expect(layout.behind).toBe(12288);
});

test("runs of a mapping: what lies, is numbered and is read one behind the other", async () => {
  const image = await openImage(new Dump("v7.3-read").bytes());
  const { pages } = mmapLayout(image, {}).report.cpus[0]!;
  const runs = runsOf(pages);
  expect(runs.length).toBeLessThan(pages.length / 4);
  expect(runs.reduce((sum, { count }) => sum + count, 0)).toBe(pages.length);
  expect(runs.reduce((sum, { events }) => sum + events, 0)).toBe(
    [...pages].reduce((sum, { events }) => sum + events, 0),
  );
  for (const { first, last, count } of runs)
    expect([last.userId - first.userId, last.kernelId - first.kernelId]).toEqual([count - 1, count - 1]);
});

test("a large mapping is shown in runs, and with --pages sub-buffer by sub-buffer", async () => {
  const file = join(folder.path, "large.bin");
  const options = {
    abi: { littleEndian: true, longSize: 8 } as const,
    generation: "global" as const,
    subbufSize: 4096,
    nrCpus: 1,
    totalSize: 2 * 1024 * 1024,
    virtualStart: 0xffff_8881_0000_0000n,
  };
  writeFileSync(file, buildImage({ ...options, nrSubbufs: 508 }));
  const lines = async (...words: string[]) => (await rbtool(["mmap-layout", ...words, file])).stdout.split("\n");
  const short = await lines();
  expect(short.join("\n")).toMatch(/in runs; --pages lists each of the 50\d sub-buffers/);
  expect(short.length).toBeLessThan(60);
  expect((await lines("--pages")).length).toBeGreaterThan(500);
});
