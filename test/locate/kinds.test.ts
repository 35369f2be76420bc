import { expect, test } from "@jest/globals";
import { bootMetaAt, chunkAt } from "../../src/locate/kinds.js";
import { buildImage } from "../support/build-image.js";

// struct ring_buffer_meta: magic, struct_sizes, total_size, buffers_offset.
const MAGIC = 0;
const STRUCT_SIZES = 4;
const TOTAL_SIZE = 8;
const BUFFERS_OFFSET = 16;

/** What is seen at the start of an area whose boot meta is damaged in these fields. */
function seen(...damaged: readonly number[]) {
  const bytes = buildImage({
    abi: { littleEndian: true, longSize: 8 },
    generation: "global",
    subbufSize: 4096,
    nrCpus: 1,
    totalSize: 16 * 4096,
    nrSubbufs: 13,
    virtualStart: 0xffff888100000000n,
  });
  for (const at of damaged) bytes[at]! ^= 1;
  return bootMetaAt(bytes.subarray(0, 64), 0x1000);
}

test("a boot meta is known by three of its four facts, whichever is damaged", () => {
  expect(seen()).toMatchObject({ address: 0x1000, totalSize: 16 * 4096 });
  for (const at of [MAGIC, STRUCT_SIZES, BUFFERS_OFFSET]) expect(seen(at)).toMatchObject({ totalSize: 16 * 4096 });
  expect(seen(TOTAL_SIZE)).toMatchObject({ address: 0x1000, totalSize: undefined });
});

test("two damaged facts make it none", () => {
  const places = [MAGIC, STRUCT_SIZES, TOTAL_SIZE, BUFFERS_OFFSET];
  for (const one of places) for (const other of places) if (one !== other) expect(seen(one, other)).toBeUndefined();
});

// struct ring_buffer_meta of 6.12: magic, struct_size, text_addr, data_addr, first_buffer.
const FIRST_BUFFER = 24;

test("a CPU's meta is one only where its first sub-buffer lies on a sub-buffer's border", () => {
  const bytes = buildImage({
    abi: { littleEndian: true, longSize: 8 },
    generation: "per-cpu",
    subbufSize: 4096,
    nrCpus: 1,
    totalSize: 16 * 4096,
    nrSubbufs: 15,
    virtualStart: 0xffff888100000000n,
  });
  const view = new DataView(bytes.buffer);
  expect(chunkAt(bytes.subarray(0, 4096), 0)?.meta).toMatchObject({ firstBuffer: 0xffff888100001000n });
  // All three addresses move, so that they still fit each other.
  for (const at of [FIRST_BUFFER, FIRST_BUFFER + 8, FIRST_BUFFER + 16])
    view.setBigUint64(at, view.getBigUint64(at, true) + 8n, true);
  expect(chunkAt(bytes.subarray(0, 4096), 0)).toBeUndefined();
});
