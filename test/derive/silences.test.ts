import { expect, test } from "@jest/globals";
import { Silences } from "../../src/derive/stats/silences.js";
import { joined, unknownStretches } from "../../src/derive/unknown.js";
import { behindReader } from "../../src/reading/behind-reader.js";
import { readingOf } from "../../src/reading/reading.js";
import { summaryOf } from "../../src/reading/summary.js";
import { last } from "../../src/report/last.js";
import { stats } from "../../src/report/stats.js";
import { openTrace } from "../../src/trace/open.js";
import { realImages } from "../support/images.js";
import { openDump } from "../support/kernel-text.js";

const gap = (from: number, to: number) => ({ from, to });

test("what is unknown is cut out of a silence, and what is left of it counts", () => {
  const silences = new Silences(9, [gap(10, 20), gap(30, 40), gap(100, 200)]);
  silences.nothing(0, 5);
  silences.nothing(5, 35);
  silences.nothing(35, 38);
  silences.nothing(38, 100);
  silences.nothing(100, 200);
  silences.nothing(150, 203);
  expect(silences.longest).toEqual([gap(40, 100), gap(20, 30), gap(0, 5), gap(5, 10), gap(200, 203)]);
});

test("no time passes backwards, and none is no silence", () => {
  const silences = new Silences(2, []);
  silences.nothing(7, 7);
  silences.nothing(9, 8);
  expect(silences.longest).toEqual([]);
});

test("stretches that overlap or touch are one", () => {
  const span = (first: bigint, last: bigint) => ({ first, last });
  expect(joined([span(5n, 9n), span(1n, 3n), span(3n, 4n), span(6n, 7n), span(8n, 12n)])).toEqual([
    span(1n, 4n),
    span(5n, 12n),
  ]);
});

/** Real images with a CPU whose full ring went round behind the reader page. */
const overwritten = realImages.filter((dump) => readingOf(openDump(dump)).cpus.some((cpu) => behindReader(cpu)));

test("there are such images", () => {
  expect(overwritten.length).toBeGreaterThan(0);
});

test.each(overwritten)(
  "$name: what was overwritten behind the reader page is a loss in every report, and no silence",
  (dump) => {
    const image = openDump(dump);
    const { cpus } = readingOf(image);
    const WRITER = { formats: new Map() };
    const report = stats(openTrace(image, WRITER, { gaps: true }));
    const { losses } = last(openTrace(image, WRITER, { sure: true, gaps: true }), 1);
    for (const reading of cpus) {
      const behind = behindReader(reading);
      if (behind === undefined) continue;
      const { cpu } = reading.cpu;
      const lost = { first: reading.unread[0]!.lastTime!, last: behind.firstTime! };
      expect(reading.unread.indexOf(behind)).toBe(1);
      expect(unknownStretches(reading, false)).toContainEqual(lost);
      const row = report.cpus.find((each) => each.cpu === cpu)!;
      expect(row.lost.places).toBe(summaryOf(reading, image.subbufs.headerSize).lost.places);
      expect(row.lost.places).toBeGreaterThan(0);
      expect(losses.map((loss) => loss.cpu)).toContain(cpu);
      for (const { from, to } of [row.silence!, ...report.gaps])
        expect(BigInt(from) >= lost.last || BigInt(to) <= lost.first).toBe(true);
    }
  },
);
