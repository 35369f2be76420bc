import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { batches } from "../../src/commands/jobs/plan.js";

/** Slices with so many events each: an event a unit of time. */
function slicesOf(counts: readonly number[]) {
  let until = 0;
  return counts.map((count) => {
    const from = until;
    until += count;
    return { from, until };
  });
}

test("batches hold all events once, in order, each so many but the last", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant(0), fc.nat(5), fc.nat(300))),
      fc.integer({ min: 1, max: 100 }),
      (counts, size) => {
        const slices = slicesOf(counts);
        const total = counts.reduce((sum, count) => sum + count, 0);
        const parts = batches(slices, counts, size);
        const firsts = parts.map(({ slice, skip }) => slice.from + skip);
        expect(firsts).toEqual(Array.from({ length: Math.ceil(total / size) }, (_, i) => i * size));
        for (const { slice, skip, most } of parts) {
          expect([slice.until, most]).toEqual([Number.POSITIVE_INFINITY, size]);
          // It begins in the slice that its first event is of: little is passed over.
          expect(skip).toBeLessThan(counts[slices.findLastIndex(({ from }) => from === slice.from)]!);
        }
      },
    ),
  );
});
