import { openSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { FileSource } from "../../src/input/file-source.js";
import { scratchFolder } from "../support/command-lines.js";

const MIB = 2 ** 20;
const PIECE = 4096;

/** What this process has read from files, in bytes and in calls (proc_pid_io(5)). */
function readSoFar(): { readonly bytes: number; readonly calls: number } {
  const text = readFileSync("/proc/self/io", "latin1");
  const of = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, "m").exec(text)![1]);
  return { bytes: of("rchar"), calls: of("syscr") };
}

/** What is read from a file of this size where somebody asks for the pieces at these places, in their order. */
function readFor(size: number, places: readonly number[]) {
  const folder = scratchFolder();
  const path = join(folder.path, "image.bin");
  writeFileSync(path, "");
  truncateSync(path, size);
  const source = new FileSource(openSync(path, "r"), path);
  try {
    const before = readSoFar();
    for (const place of places) expect(source.read(place * PIECE, PIECE).length).toBe(PIECE);
    const after = readSoFar();
    return { bytes: after.bytes - before.bytes, calls: after.calls - before.calls };
  } finally {
    source.close();
    folder.remove();
  }
}

const everyOther = (count: number, stride: number) => Array.from({ length: count }, (_, i) => (i * stride) % count);

test("here and there in a large file, no more is read than is asked for", () => {
  const count = (256 * MIB) / PIECE;
  const asked = everyOther(count, 40_503).slice(0, 4000);
  expect(readFor(256 * MIB, asked).bytes).toBeLessThan(1.2 * asked.length * PIECE);
});

test("in order, a file is read once, by the MiB; a small one whatever the order", () => {
  const inOrder = readFor(64 * MIB, everyOther((64 * MIB) / PIECE, 1));
  expect(inOrder.bytes).toBeLessThan(1.05 * 64 * MIB);
  expect(inOrder.calls).toBeLessThan(500);
  const small = readFor(16 * MIB, everyOther((16 * MIB) / PIECE, 1003));
  expect(small.bytes).toBeLessThan(1.05 * 16 * MIB);
  expect(small.calls).toBeLessThan(500);
});

test("several places of a large file, each read in order", () => {
  const cpus = Array.from({ length: 16 }, (_, cpu) => cpu * ((8 * MIB) / PIECE));
  const places = Array.from({ length: 2000 }, (_, i) => cpus.map((start) => start + i)).flat();
  const { bytes, calls } = readFor(128 * MIB, places);
  expect(bytes).toBeLessThan(1.2 * places.length * PIECE);
  expect(calls).toBeLessThan(1000);
});
