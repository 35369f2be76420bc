import { expect, test } from "@jest/globals";
import { forcesAlignment } from "../../src/events/length-words.js";
import type { EventPages } from "../../src/events/page.js";
import { RingIter } from "../../src/events/ring-iter.js";
import { AS_KERNEL } from "../support/kernel-policy.js";
import { madePages } from "../support/made-pages.js";

/** A page of events, each of so many bytes of data and with a length word or without. */
function pagesOf(...events: (readonly [bytes: number, lengthWord: boolean])[]): EventPages {
  const data = new Uint8Array(4096);
  const view = new DataView(data.buffer);
  let at = 0;
  for (const [bytes, lengthWord] of events) {
    if (lengthWord) view.setUint32(at + 4, bytes + 4, true);
    else data[at] = bytes / 4;
    at += bytes + (lengthWord ? 8 : 4);
  }
  return madePages([{ data, size: at }]);
}

function sizesOf(pages: EventPages): number[] {
  const iter = new RingIter(pages, { ...AS_KERNEL, forcedAlignment: () => forcesAlignment([pages]) });
  const sizes: number[] = [];
  for (; iter.peek(); iter.advance()) sizes.push(iter.entSize);
  return sizes;
}

test("where every event has a length word, it is no part of any event", () => {
  // riscv64, 7.2.13: a stack of nine callers, of which the kernel prints nine.
  expect(sizesOf(pagesOf([32, true], [88, true], [152, true]))).toEqual([32, 88, 152]);
});

test("where small events have none, a kernel counts that of one which damage gave it", () => {
  expect(sizesOf(pagesOf([32, false], [88, true], [40, false], [152, true]))).toEqual([32, 92, 40, 152]);
});

test("large events tell nothing", () => {
  expect(forcesAlignment([pagesOf([152, true], [200, true])])).toBe(false);
});
