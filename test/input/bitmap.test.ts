import { expect, test } from "@jest/globals";
import { PageBitmap } from "../../src/input/memory/bitmap.js";
import { MemorySource } from "../../src/input/source.js";

const bitmapOf = (pages: number, ...set: number[]): PageBitmap => {
  const bytes = new Uint8Array(8192);
  for (const page of set) bytes[page >> 3]! |= 1 << (page & 7);
  return new PageBitmap(new MemorySource(bytes), 0, pages);
};

test("bits behind the last page are of no page", () => {
  const bitmap = bitmapOf(10, 1, 9, 10, 15, 16);
  expect(bitmap.present).toBe(2);
  expect([1, 9, 10, 16].map((page) => bitmap.has(page))).toEqual([true, true, false, false]);
  expect([0, 2, 10].map((page) => bitmap.next(page))).toEqual([1, 9, undefined]);
  expect(bitmap.stretches()).toEqual([{ from: 1, to: 10 }]);
});

test("how many pages are there before one, in each group", () => {
  const bitmap = bitmapOf(3 * 4096, 0, 7, 8, 4095, 4096, 8192 + 3);
  expect([0, 1, 8, 9, 4095, 4096, 4097, 8192, 8196, 12288].map((page) => bitmap.rank(page))).toEqual([
    0, 1, 2, 3, 3, 4, 5, 5, 6, 6,
  ]);
});
