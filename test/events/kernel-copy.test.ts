import { expect, test } from "@jest/globals";
import { KernelCopies } from "../../src/events/kernel-copy.js";
import type { EventPages } from "../../src/events/page.js";
import { RingIter } from "../../src/events/ring-iter.js";
import { AS_KERNEL } from "../support/kernel-policy.js";
import { madePages } from "../support/made-pages.js";

const CAPACITY = 64;

/** One CPU's pages, each of records whose data are all one byte: [that byte, words of data]. */
function pagesOf(...pages: (readonly (readonly [number, number])[])[]): EventPages {
  return madePages(
    pages.map((records) => {
      const data = new Uint8Array(CAPACITY);
      let at = 0;
      for (const [fill, words] of records) {
        data[at] = words;
        data.fill(fill, at + 4, at + 4 + 4 * words);
        at += 4 + 4 * words;
      }
      return { data, size: at };
    }),
  );
}

/** The copy's data of each event, in hex, as the kernel has it when it prints the event. */
function copiesOf(pages: EventPages): string[] {
  const iter = new RingIter(pages, AS_KERNEL);
  const copies = new KernelCopies([pages]);
  const out: string[] = [];
  for (let i = 0; iter.peek(); i++, iter.advance()) {
    iter.position = i;
    const copy = copies.of(iter)!;
    out.push(
      Buffer.from(copy.bytes.u8.subarray(copy.data))
        .toString("hex")
        .replace(/(00)+$/, ""),
    );
  }
  return out;
}

test("behind a record stands what longer ones left, of earlier pages too", () => {
  const pages = pagesOf(
    [
      [0x11, 3],
      [0x22, 1],
    ],
    [
      [0x33, 2],
      [0x44, 1],
    ],
  );
  expect(copiesOf(pages)).toEqual([
    "11".repeat(12),
    `${"22".repeat(4)}${"11".repeat(8)}`,
    `${"33".repeat(8)}${"11".repeat(4)}`,
    `${"44".repeat(4)}${"33".repeat(4)}${"11".repeat(4)}`,
  ]);
});

test("one that goes back starts anew", () => {
  const pages = pagesOf([
    [0x11, 1],
    [0x22, 3],
  ]);
  const iter = new RingIter(pages, AS_KERNEL);
  iter.peek();
  iter.position = 0;
  const first = iter.fork();
  first.peek();
  iter.advance();
  iter.peek();
  iter.position = 1;
  const copies = new KernelCopies([pages]);
  copies.of(iter);
  const again = copies.of(first)!;
  expect(Buffer.from(again.bytes.u8.subarray(4, 16)).toString("hex")).toBe("11111111".padEnd(24, "0"));
});

test("of a record without room for type and task, the kernel sees what earlier ones left", () => {
  const pages = pagesOf([
    [0x11, 3],
    [0x22, 2],
  ]);
  const { bytes } = pages.page(0);
  // Zeros are records of four bytes, one behind another, until one has a length in the word behind it.
  bytes.u8.fill(0, 16, 28);
  bytes.view.setUint32(28, 8, true);
  const all: EventPages = { ...pages, page: (position) => ({ ...pages.page(position), size: 40 }), fork: () => all };
  const iter = new RingIter(all, AS_KERNEL);
  const seen: (readonly [offset: number, type: number, pid: number, entSize: number])[] = [];
  for (; iter.peek(); iter.advance()) seen.push([iter.offset, iter.type, iter.pid, iter.entSize]);
  expect(seen).toEqual([
    [0, 0x1111, 0x11111111, 12],
    [16, 0x1111, 0x11111111, 0x11111111 - 4],
    [20, 0x1111, 0x11111111, 0x11111111 - 4],
    [24, 0, 0x11111111, 8],
  ]);
});
