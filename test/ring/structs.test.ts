import { expect, test } from "@jest/globals";
import { Bytes } from "../../src/ground/bytes.js";
import { RING_BUFFER_META, RING_BUFFER_META_MAGIC, readStruct, writeStruct } from "../../src/ring/structs.js";
import { BE64, LE32, LE64 } from "../support/formats.js";

const VALUES = { magic: RING_BUFFER_META_MAGIC, struct_sizes: 0x180020, total_size: 0x4000n, buffers_offset: 0x2030n };
const STORED = Object.fromEntries(Object.entries(VALUES).map(([name, value]) => [name, BigInt(value)]));

test.each([
  ["little-endian, 64-bit", LE64, [0, 4, 8, 16], 8, 24],
  ["big-endian, 64-bit", BE64, [0, 4, 8, 16], 8, 24],
  ["little-endian, 32-bit", LE32, [0, 4, 8, 12], 4, 16],
] as const)("%s: a struct's values, and where it and each of them lie in the image", (_, abi, places, long, size) => {
  const at = 40;
  const page = new Uint8Array(at + size);
  writeStruct(RING_BUFFER_META, page.subarray(at), abi, STORED);
  const { span, spans, values } = readStruct(RING_BUFFER_META, new Bytes(page, abi, 0x1000), at);
  expect(values).toEqual(VALUES);
  expect(span).toEqual({ offset: 0x1000 + at, length: size });
  expect(Object.values(spans).map(({ offset }) => offset - 0x1000 - at)).toEqual(places);
  expect(Object.values(spans).map(({ length }) => length)).toEqual([4, 4, long, long]);
  expect(() => readStruct(RING_BUFFER_META, new Bytes(page, abi, 0x1000), at + 1)).toThrow(/0x1029/);
});
