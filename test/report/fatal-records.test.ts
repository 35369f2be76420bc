import { expect, test } from "@jest/globals";
import type { Abi } from "../../src/ground/abi.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { fatalRecords } from "../../src/report/fatal-records.js";
import { parseFormat } from "../../src/system/formats/parse-format.js";
import { formatText, LE32 } from "../support/formats.js";
import { BE64, LE64, madeImage, type Part, payload } from "../support/made-events.js";

const osnoise = (runtime: bigint): Part[] => [[8, 1], [8, runtime], [8, 1], ...new Array<Part>(5).fill([4, 0])];
const timerlat = (context: number): Part[] => [
  [4, 1],
  [4, context],
  [8, 5],
];
const entry = (depth: bigint): Part[] => [
  [8, 0x1234],
  [8, depth],
];

const GFP = '"%s", (REC->flags) ? __print_flags(REC->flags, "|", {1, "A"}, {2, "B"}, { 0, ((void *)0) } ) : "none"';
const TABLE = '"%s", __print_symbolic(REC->flags, { 0, "PAGE" }, { 1, "POOL" }, { -1, ((void *)0) })';

/** What is said of records of one event with a 32-bit field. */
function ofEvent(abi: Abi, printFmt: string, values: readonly number[]): [string, number][] {
  const bytes = madeImage(abi, [
    (page) => {
      for (const value of values) page.event(5, payload(abi, 1000, 1, [[4, value]]));
    },
  ]);
  const format = parseFormat(formatText([["u32 flags", 8, 4, 0]], printFmt, "alloc"), abi, "kmem");
  const found = fatalRecords(readImage(new MemorySource(bytes)), { formats: new Map([[1000, format]]) });
  return found.map(({ event, why, count }) => [`${event}: ${why}`, count]);
}

test("flags and values that reach an element without a name", () => {
  const why = "alloc: it has flags or a value without a name, which kernels from 6.19 on print through NULL";
  expect(ofEvent(LE64, GFP, [0, 1, 3])).toEqual([]);
  expect(ofEvent(LE64, GFP, [3, 4, 0x80000001, 4])).toEqual([[why, 3]]);
  // The whole long is compared: all ones of 32 bits are the element's on a 32-bit kernel alone.
  expect(ofEvent(LE64, TABLE, [0, 7, 0xffffffff])).toEqual([]);
  expect(ofEvent(LE32, TABLE, [0, 7, 0xffffffff])).toEqual([[why, 1]]);
});

test("a thunderbolt packet with more words than memory", () => {
  const shown = '"%s", show_data(p, 1, &REC->flags, REC->flags)';
  expect(ofEvent(LE64, shown, [0, 64])).toEqual([]);
  expect(ofEvent(LE64, shown, [0x7fffffff])).toEqual([["alloc: it shows more words than any memory behind it has", 1]]);
});

test("a string of landlock's without a byte: 7.3.4 read on until a page fault", () => {
  const shown = '"%s", __trace_print_untrusted_str(p, &REC->flags, REC->flags - 1)';
  const why = "alloc: its string has no room for its NUL, and all memory behind it is read";
  expect(ofEvent(LE64, shown, [1, 2])).toEqual([]);
  expect(ofEvent(LE64, shown, [0])).toEqual([[why, 1]]);
});

test("a ucsi recipient outside its table", () => {
  const why = "alloc: its recipient lies outside the table of names, and what is there is printed as text";
  expect(ofEvent(LE64, '"%s", ucsi_recipient_str(REC->flags)', [0, 3, 4, 255])).toEqual([[why, 2]]);
});

test.each([
  ["little-endian", LE64],
  ["big-endian", BE64],
])("records that a kernel does not survive printing, %s", (_, abi) => {
  const bytes = madeImage(abi, [
    (page) => {
      page.event(0, payload(abi, 17, 1, osnoise(1000n)));
      page.event(5, payload(abi, 18, 1, timerlat(2)));
      page.event(5, payload(abi, 11, 1, entry(12n)));
    },
    (page) => {
      page.event(0, payload(abi, 17, 1, osnoise(0x500000000n)));
      page.event(5, payload(abi, 18, 1, timerlat(3)));
      page.event(5, payload(abi, 18, 1, timerlat(-1)));
      page.event(5, payload(abi, 11, 1, entry(1n << 40n)));
      // Too short to have a runtime.
      page.event(5, payload(abi, 17, 1, [[8, 1]]));
    },
  ]);
  const found = fatalRecords(readImage(new MemorySource(bytes)));
  expect(found.map(({ event, count }) => [event, count])).toEqual([
    ["osnoise", 1],
    ["timerlat", 2],
    ["funcgraph_entry", 1],
  ]);
  expect(found[0]!.first).toMatchObject({ cpu: 1, offset: 16 });
  expect(found[0]!.why).toMatch(/runtime, which is 0/);
});
