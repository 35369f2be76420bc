import { expect, test } from "@jest/globals";
import { coverageOf } from "../../src/derive/coverage.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { readingOf } from "../../src/reading/reading.js";
import { spanOf } from "../../src/reading/span.js";
import { stats } from "../../src/report/stats.js";
import { openTrace } from "../../src/trace/open.js";
import { fixture } from "../support/images.js";
import { LE64, madeImage, payload } from "../support/made-events.js";

const EVENT = payload(LE64, 5, 1, []);
const YEAR = 31_557_600n * 1_000_000_000n;

/** Three CPUs: the third begins late, the second's last event has an absurd time when asked for. */
function imageOf(absurd: boolean) {
  return readImage(
    new MemorySource(
      madeImage(LE64, [
        (page) => page.event(100, EVENT).event(200_000, EVENT).event(700_000, EVENT),
        (page) => {
          page.event(50, EVENT).event(100_000, EVENT);
          if (absurd) page.timeExtend(10n * YEAR).event(0, EVENT);
        },
        (page) => page.event(500_000, EVENT).event(10_000, EVENT),
      ]),
    ),
  );
}

const statsOf = (absurd: boolean) => {
  const image = imageOf(absurd);
  return stats(openTrace(image, { formats: new Map() }));
};

test("one absurd time moves no end, and silences nothing", () => {
  const sound = statsOf(false);
  const damaged = statsOf(true);
  expect(damaged.total).toBe(sound.total + 1);
  expect(damaged.time).toEqual(sound.time);
  expect(damaged.gaps).toEqual(sound.gaps);
  expect(damaged.coverage).toEqual(sound.coverage);
  expect(damaged.histogram.width).toBe(sound.histogram.width);
});

test("a CPU is covered from its oldest event to the end of the trace; all of them from the latest of these", () => {
  const { coverage, gaps, cpus } = statsOf(false);
  expect(coverage).toEqual({
    common: { from: "1000500000", to: "1000900100" },
    cpus: [
      { cpu: 0, from: "1000000100", to: "1000900100" },
      { cpu: 1, from: "1000000050", to: "1000900100" },
      { cpu: 2, from: "1000500000", to: "1000900100" },
    ],
  });
  // Nothing before CPU 2 begins: there it is unknown whether it was silent.
  expect(gaps).toEqual([
    { from: "1000510000", to: "1000900100", length: "390100" },
    { from: "1000500000", to: "1000510000", length: "10000" },
  ]);
  expect(cpus.map(({ silence }) => silence?.length)).toEqual(["700000", "800050", "390100"]);
});

test("up to a time that is named, a CPU is silent up to that time, and no further than the trace goes", () => {
  const silences = (until: string) => {
    const trace = openTrace(imageOf(false), { formats: new Map() }, { until, nanoseconds: true });
    return stats(trace).cpus.map(({ silence }) => silence?.to);
  };
  // What is typed means all of its microsecond.
  expect(silences("1.000400")).toEqual(["1000400499", "1000400499"]);
  expect(silences("2.0")).toEqual(statsOf(false).cpus.map(({ silence }) => silence?.to));
});

test("a CPU without events is unknown, and does not narrow what the others cover", () => {
  const image = readImage(
    new MemorySource(madeImage(LE64, [(page) => page.event(5, EVENT).event(9, EVENT), () => {}])),
  );
  const { cpus, common } = coverageOf(readingOf(image).cpus, false);
  expect(cpus[1]).toEqual({ cpu: 1, from: undefined, to: undefined });
  expect(common).toEqual({ first: 1_000_000_005n, last: 1_000_000_014n });
});

test("a time far behind most others is no end of the trace", () => {
  const subbuf = (firstTime: bigint, lastTime: bigint, anchored = true) => ({
    believed: true,
    anchored,
    firstTime,
    lastTime,
  });
  const sound = [subbuf(YEAR, YEAR + 5n), subbuf(YEAR + 6n, YEAR + 9n)];
  const late = subbuf(3000n * YEAR, 3001n * YEAR);
  expect(spanOf([late, ...sound])).toEqual({ first: YEAR, last: YEAR + 9n });
  // A CPU that idled for long.
  expect(spanOf([subbuf(3n, 4n), ...sound])).toEqual({ first: 3n, last: YEAR + 9n });
  expect(spanOf([...sound, subbuf(YEAR + 1_000_000n, YEAR + 2_000_000n)])?.last).toBe(YEAR + 2_000_000n);
  expect(spanOf([...sound, subbuf(YEAR + 20n, YEAR + 30n, false)])?.last).toBe(YEAR + 9n);
  expect(spanOf([])).toBeUndefined();
});

test("where the last sub-buffers are torn, the trace ends near where it did, not at the last whole one", () => {
  const bytes = Buffer.from(fixture("v7.3-read").bytes());
  const whole = readingOf(readImage(new MemorySource(bytes)));
  const end = coverageOf(whole.cpus, false).span!.last;
  // A line of each of a CPU's last six that was not written back.
  for (const { unread } of whole.cpus)
    for (const { offset } of unread.slice(-6)) bytes.fill(0, offset + 1024, offset + 1024 + 64);
  const torn = readingOf(readImage(new MemorySource(bytes)));
  expect(torn.cpus.every(({ unread }) => unread.slice(-6).every(({ timeExact }) => !timeExact))).toBe(true);
  const { span } = coverageOf(torn.cpus, false);
  expect(Number(span!.last - end)).toBeGreaterThan(-1_000_000);
  expect(Number(span!.last - end)).toBeLessThan(1_000_000);
});
