import { expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { stats } from "../../src/report/stats.js";
import { openTrace } from "../../src/trace/open.js";
import { LE64, madeImage, payload } from "../support/made-events.js";

const EVENT = payload(LE64, 5, 1, []);

/** The silences between one CPU's events, `from` after the first event. */
function gapsOf(...deltas: readonly number[]) {
  const bytes = madeImage(LE64, [
    (page) => {
      page.event(0, EVENT);
      for (const delta of deltas) page.event(delta, EVENT);
    },
  ]);
  const { gaps } = stats(openTrace(readImage(new MemorySource(bytes)), { formats: new Map() }));
  return gaps.map(({ from, length }) => [Number(BigInt(from) - 1_000_000_000n), Number(length)]);
}

test("the five longest silences, longest first", () => {
  expect(gapsOf(10, 50, 30, 20, 70, 60, 40)).toEqual([
    [110, 70],
    [180, 60],
    [10, 50],
    [240, 40],
    [60, 30],
  ]);
});

test("of equal silences the earlier comes first, and stays where there is room for one", () => {
  expect(gapsOf(20, 20, 30, 20, 20, 20)).toEqual([
    [40, 30],
    [0, 20],
    [20, 20],
    [70, 20],
    [90, 20],
  ]);
});

test("events at one time are no silence", () => {
  expect(gapsOf(0, 0, 5)).toEqual([[0, 5]]);
});
