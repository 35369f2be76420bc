import { expect, test } from "@jest/globals";
import { CpuTimes, slicesOf } from "../../src/events/slices.js";
import type { SubbufReading } from "../../src/reading/subbuf-reading.js";

/** A CPU whose sub-buffers begin every so often. */
function cpuOf(count: number, every: number, from = 0): CpuTimes {
  const records = { first: 0, last: every - 1, events: 1 };
  const subbufs = Array.from({ length: count }, (_, i) => ({ time: BigInt(from + i * every), records }));
  return CpuTimes.of(subbufs as unknown as readonly SubbufReading[], 0n)!;
}

const SHAPES: readonly (readonly [what: string, cpus: readonly CpuTimes[], subbufs: number])[] = [
  ["CPUs that are as busy", [cpuOf(5000, 10), cpuOf(5000, 10, 3)], 256],
  ["one CPU busier than others", [cpuOf(9000, 10), cpuOf(900, 100), cpuOf(90, 1000)], 256],
  ["more CPUs than a slice has sub-buffers", Array.from({ length: 40 }, (_, i) => cpuOf(100, 10, i)), 32],
  ["a sub-buffer each", [cpuOf(50, 10), cpuOf(50, 10, 5)], 1],
];

test.each(SHAPES)("slices have about as many sub-buffers as they should: %s", (_, cpus, subbufs) => {
  const slices = slicesOf(cpus, subbufs);
  expect(slices[0]!.from).toBe(Number.NEGATIVE_INFINITY);
  expect(slices.at(-1)!.until).toBe(Number.POSITIVE_INFINITY);
  expect(slices.slice(1).map(({ from }) => from)).toEqual(slices.slice(0, -1).map(({ until }) => until));
  const begun = slices.map(({ from, until }) =>
    cpus.reduce((sum, { first }) => sum + first.filter((time) => time >= from && time < until).length, 0),
  );
  for (const count of begun.slice(0, -1)) {
    expect(count).toBeGreaterThanOrEqual(subbufs * 0.75);
    expect(count).toBeLessThanOrEqual(subbufs * 1.25);
  }
});
