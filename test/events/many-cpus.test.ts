import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { RingIter } from "../../src/events/ring-iter.js";
import { EventStream } from "../../src/events/stream.js";
import { AS_KERNEL } from "../support/kernel-policy.js";
import { madePages } from "../support/made-pages.js";

/** An event this long after what is before it, or a time extend of so many nanoseconds. */
type Made = readonly [kind: "event" | "extend", delta: number];

const TIME_EXTEND = 30;

function iterOf(cpu: number, records: readonly Made[]): RingIter {
  const data = new Uint8Array(8 * records.length);
  const view = new DataView(data.buffer);
  for (const [i, [kind, delta]] of records.entries())
    view.setUint32(8 * i, (kind === "event" ? 1 : TIME_EXTEND) | (delta << 5), true);
  return new RingIter(madePages([{ data, size: data.length }], cpu), AS_KERNEL);
}

/** Every CPU is asked for each event, in order, and the first of the smallest times wins (__find_next_entry(), trace.c). */
function earliest(iters: readonly RingIter[]): RingIter | undefined {
  let best: RingIter | undefined;
  for (const iter of iters) if (iter.peek() && (best === undefined || iter.t < best.t)) best = iter;
  return best;
}

/** The end is where nobody has any three times in a row. */
function* asked(iters: readonly RingIter[]): Generator<RingIter> {
  for (;;) {
    const best = earliest(iters) ?? earliest(iters) ?? earliest(iters);
    if (best === undefined) return;
    yield best;
    best.advance();
  }
}

const shown = (events: Iterable<{ readonly cpu: number; readonly t: number }>): string[] =>
  Array.from(events, ({ cpu, t }) => `${cpu}@${t}`);

test("of many CPUs, those that give up are asked again at each event, as the kernel does", () => {
  const record = fc.tuple(
    fc.oneof({ weight: 99, arbitrary: fc.constant("extend" as const) }, fc.constant("event" as const)),
    fc.nat(9),
  );
  const lists = fc.array(fc.array(record, { maxLength: 40 }), { minLength: 16, maxLength: 24 });
  let gaveUp = 0;
  fc.assert(
    fc.property(lists, (cpus) => {
      const iters = (): RingIter[] => cpus.map((records, cpu) => iterOf(cpu, records));
      const expected = shown(asked(iters()));
      expect(shown(new EventStream(iters()))).toEqual(expected);
      if (expected.length < cpus.flat().filter(([kind]) => kind === "event").length) gaveUp++;
    }),
    { seed: 1, numRuns: 300 },
  );
  // Some traces end where all CPUs give up.
  expect(gaveUp).toBeGreaterThan(0);
});

// 6.12.107, of a line of ones: it printed the events behind it, which three steps do not reach.
test.each([
  [3, [1, 5]],
  [8, [1, 10]],
  [9, [1]],
])("behind %i records without an event, a kernel's third look is the last", (count, times) => {
  const records: Made[] = [["event", 1], ...Array.from({ length: count }, (): Made => ["extend", 1]), ["event", 1]];
  expect(Array.from(new EventStream([iterOf(0, records)]), ({ t }) => t)).toEqual(times);
});
