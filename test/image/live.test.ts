import { expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { inferLiveIds, liveIds, type Ring } from "../../src/image/live.js";
import { MemorySource } from "../../src/input/source.js";
import type { SubbufHeader } from "../../src/ring/subbuf.js";
import { fixture } from "../support/images.js";

/** Sub-buffers by id: their times; undefined for one without data. */
function ringOf(times: readonly (number | undefined)[]): Ring {
  return {
    nrSubbufs: times.length,
    capacity: 4080,
    has: () => true,
    header: (id) => ({ size: times[id] === undefined ? 0 : 100, timeStamp: BigInt(times[id] ?? 0) }) as SubbufHeader,
  };
}

test("from head to commit, round the ring", () => {
  const ring = ringOf([5, 9, 6, undefined, 7, 8]);
  expect(liveIds(ring, 4, 1)).toEqual([0, 4, 5, 1]);
  expect(liveIds(ring, 2, 2)).toEqual([0, 2]);
  expect(liveIds(ring, 3, 0)).toEqual([0]);
});

test("where the commit is lost: from the head on, while there is data and time does not go back", () => {
  const ring = ringOf([1, 9, 2, 3, 3, 5]);
  expect(inferLiveIds(ring, 2, undefined)).toEqual([0, 2, 3, 4, 5, 1]);
  expect(inferLiveIds(ringOf([1, 1, 2, 3, 3, undefined]), 2, undefined)).toEqual([0, 2, 3, 4]);
});

test("where the head is lost: back from the commit in the same way", () => {
  expect(inferLiveIds(ringOf([1, 9, 2, 3, 3, 5]), undefined, 5)).toEqual([0, 2, 3, 4, 5]);
  expect(inferLiveIds(ringOf([1, 6, 2, undefined, 3, 5]), undefined, 1)).toEqual([0, 4, 5, 1]);
});

test("where both are lost: to the newest", () => {
  expect(inferLiveIds(ringOf([1, 4, 4, 3, 3, 3]), undefined, undefined)).toEqual([0, 3, 4, 5, 1]);
  expect(inferLiveIds(ringOf([1, undefined, undefined]), undefined, undefined)).toEqual([0]);
});

test("where the writer is on the reader page, the rest is read, and the head is not asked for", () => {
  const bytes = Uint8Array.from(fixture("v7.3-read").bytes());
  const sound = readImage(new MemorySource(bytes)).cpus[0]!;
  const { head_buffer: head, commit_buffer: commit } = sound.meta!.spans as Record<string, { offset: number }>;
  const view = new DataView(bytes.buffer);
  const reader = sound.firstBuffer! + BigInt(sound.indexById[0]! * sound.subbufSize);
  view.setBigUint64(commit!.offset, reader, true);
  view.setBigUint64(head!.offset, 0x1234n, true);
  const image = readImage(new MemorySource(bytes));
  expect(image.cpus[0]!.live).toEqual([0]);
  expect(image.diagnostics.list.map(({ code }) => code)).not.toContain("live-inferred");
});
