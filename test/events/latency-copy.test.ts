import { expect, test } from "@jest/globals";
import { LatencyCopies } from "../../src/events/latency-copy.js";
import { RingIter } from "../../src/events/ring-iter.js";
import { EventStream } from "../../src/events/stream.js";
import { AS_KERNEL } from "../support/kernel-policy.js";
import { madePages } from "../support/made-pages.js";

test("an event that has two gigabytes, by a length that it takes from one before it, is not copied", () => {
  const first = new Uint8Array(64);
  first[0] = 3;
  first.fill(0x77, 4, 16);
  // Behind it are four bytes of zeros, whose length stands in the copy.
  const next = new Uint8Array(64);
  next[0] = 3;
  next.fill(0x11, 4, 16);
  const pages = madePages([
    { data: first, size: 24 },
    { data: next, size: 16 },
  ]);
  const iter = new RingIter(pages, AS_KERNEL);
  const copies = new LatencyCopies(() => new EventStream([new RingIter(pages, AS_KERNEL)]));
  const seen: (readonly [size: number, copied: number, data: string])[] = [];
  for (; iter.peek(); iter.advance()) {
    const { bytes, data } = copies.of(iter)!;
    seen.push([iter.entSize, bytes.length, Buffer.from(bytes.u8.subarray(data, data + 12)).toString("hex")]);
  }
  expect(seen).toEqual([
    [12, 128, "77".repeat(12)],
    // What it stands in: a page's data.
    [0x77777773, 64, `${"77".repeat(8)}00000000`],
    [12, 128, "11".repeat(12)],
  ]);
});
