import { expect, test } from "@jest/globals";
import { openMemory } from "../../src/input/memory/open.js";
import { MemorySource } from "../../src/input/source.js";
import { lime } from "../support/build-memory.js";

/** Bytes that no packing makes smaller: snappy's framing holds them as they are. */
function incompressible(size: number): Uint8Array {
  const words = new Uint32Array(size / 4);
  let x = 1;
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return new Uint8Array(words.buffer);
}

test("AVML: chunks that could not be packed stand among those that could", async () => {
  const bytes = incompressible(5 * 65536);
  bytes.fill(7, 65536, 2 * 65536);
  const memory = (await openMemory(new MemorySource(lime([{ address: 0x100000, bytes }], true), "dump")))!;
  expect(memory.notes).toEqual([]);
  expect(Buffer.compare(memory.read(0x100000, bytes.length), bytes)).toBe(0);
});
