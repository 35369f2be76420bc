import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { NotAnImageError } from "../../src/ground/errors.js";
import { type Image, readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { salvage } from "../../src/reading/salvage/salvage.js";
import { inspect } from "../../src/report/inspect.js";
import { stats } from "../../src/report/stats.js";
import { openTrace } from "../../src/trace/open.js";
import { fixture } from "../support/images.js";

function imageOf(bytes: Uint8Array): Image | undefined {
  try {
    return readImage(new MemorySource(bytes));
  } catch (error) {
    if (error instanceof NotAnImageError) return undefined;
    throw error;
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

/** What each command says of the number of events. */
function counts(image: Image, bytes: Uint8Array, consumed: boolean) {
  const view = openTrace(image, { formats: new Map() }, { consumed });
  const { cpus } = inspect(image);
  const salvaged = salvage(image, bytes.length).cpus;
  const byCpu = cpus.map(({ cpu }) => ({ cpu, events: 0 }));
  for (const { cpu } of view.events()) byCpu[cpu]!.events++;
  return {
    inspect: cpus.map(({ cpu, events, consumedEvents }) => ({ cpu, events: events + (consumed ? consumedEvents : 0) })),
    salvage: salvaged.map(({ cpu, unreadEvents, broughtBackEvents }) => ({
      cpu,
      events: unreadEvents + (consumed ? broughtBackEvents : 0),
    })),
    events: byCpu,
    entries: view.entries(),
    stats: stats(view).total,
  };
}

/** Damage as memory suffers it: bytes, cache lines, whole sub-buffers, and words of the headers. */
const damage = fc.array(
  fc.record({
    at: fc.nat(),
    length: fc.constantFrom(1, 1, 4, 8, 64, 64, 512, 4096),
    fill: fc.constantFrom("zero", "ones", "other", "flip"),
    /** Into the first words of a sub-buffer. */
    header: fc.boolean(),
    seed: fc.nat(255),
  }),
  { minLength: 1, maxLength: 12 },
);

for (const [name, runs] of [
  ["v7.3-read", 30],
  ["v6.12-rewind", 30],
  ["v7.1-rewind", 30],
  ["s390x-7.2-few", 40],
  ["armhf-7.2-few", 40],
  ["ppc64le-64k-7.2-few", 20],
] as const) {
  test(`${name}: all count the same events, whatever is damaged`, () => {
    const whole = fixture(name).bytes();
    const { geometry } = imageOf(whole)!.layout;
    const { subbufSize } = geometry;
    fc.assert(
      fc.property(damage, (places) => {
        const bytes = whole.slice();
        for (const { at, length, fill, header, seed } of places) {
          const from = header
            ? Math.floor((at % bytes.length) / subbufSize) * subbufSize + (at % 24)
            : at % bytes.length;
          const size = header ? Math.min(length, 8) : length;
          for (let i = from; i < Math.min(from + size, bytes.length); i++)
            bytes[i] =
              fill === "zero"
                ? 0
                : fill === "ones"
                  ? 0xff
                  : fill === "flip"
                    ? bytes[i]! ^ (1 << (seed & 7))
                    : seed + 7 * i;
        }
        const image = imageOf(bytes);
        if (image === undefined) return;
        for (const consumed of [false, true]) {
          const counted = counts(image, bytes, consumed);
          const { events } = counted;
          const total = sum(events.map((cpu) => cpu.events));
          expect(counted).toEqual({ inspect: events, salvage: events, events, entries: total, stats: total });
        }
      }),
      { seed: 20260329, numRuns: runs, interruptAfterTimeLimit: 20_000 },
    );
  });
}
