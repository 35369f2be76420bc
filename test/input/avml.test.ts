import { expect, test } from "@jest/globals";
import { openMemory } from "../../src/input/memory/open.js";
import { MemorySource } from "../../src/input/source.js";
import { lime } from "../support/build-memory.js";
import { noise } from "../support/random.js";

test("AVML: chunks that could not be packed stand among those that could", async () => {
  // What cannot be packed is held as it is by snappy's framing.
  const bytes = noise(5 * 65536, 1);
  bytes.fill(7, 65536, 2 * 65536);
  const memory = (await openMemory(new MemorySource(lime([{ address: 0x100000, bytes }], true), "dump")))!;
  expect(memory.notes).toEqual([]);
  expect(Buffer.compare(memory.read(0x100000, bytes.length), bytes)).toBe(0);
});

test("AVML: a range ends where its stream does, whatever its header claims", async () => {
  const bytes = noise(2 * 65536, 2);
  const dump = lime([{ address: 0x100000, bytes }], true);
  dump.writeBigUInt64LE(2n ** 50n - 1n, 16);
  const memory = (await openMemory(new MemorySource(dump, "dump")))!;
  expect(memory.ranges).toMatchObject([{ start: 0x100000, end: 0x100000 + bytes.length }]);
  expect(memory.notes.join()).toMatch(/breaks off/);
  // A search walks over all pages of all ranges.
  let found = 0;
  for (const piece of memory.pieces()) found += piece.bytes.length;
  expect(found).toBe(bytes.length);
});
