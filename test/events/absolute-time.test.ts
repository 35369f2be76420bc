import { expect, test } from "@jest/globals";
import { origin } from "../../src/events/clock.js";
import { READ_ALL, RingIter } from "../../src/events/ring-iter.js";
import { AS_KERNEL } from "../support/kernel-policy.js";
import { madePages } from "../support/made-pages.js";

/** An absolute time stamp of 1000 (type_len 31), and two events of eight bytes, 5 and 7 later. */
const WORDS = [(1000 << 5) | 31, 0, (5 << 5) | 2, 0, 0, (7 << 5) | 2, 0, 0];

function timesOf(policy: ConstructorParameters<typeof RingIter>[1]): number[] {
  const data = new Uint8Array(64);
  const view = new DataView(data.buffer);
  for (const [i, word] of WORDS.entries()) view.setUint32(4 * i, word, true);
  const iter = new RingIter(madePages([{ data, size: 4 * WORDS.length }]), policy);
  const times: number[] = [];
  for (; iter.peek(); iter.advance()) times.push(iter.t);
  return times;
}

// 7.2.13 on s390x, of a line of noise: 134217727 (the stamp) and 134217729, where the first event's delta is one.
test("a kernel adds no delta to an absolute time stamp right before the event, but has it behind", () => {
  expect(timesOf(AS_KERNEL)).toEqual([1000, 1012]);
  expect(timesOf({ littleEndian: true, origin: origin(0n), ...READ_ALL })).toEqual([1005, 1012]);
});
