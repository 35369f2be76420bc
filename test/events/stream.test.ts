import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { TraceEvent } from "../../src/events/event.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { openTrace } from "../../src/trace/open.js";
import type { TraceSpec } from "../../src/trace/spec.js";
import { LE64, madeImage, payload } from "../support/made-events.js";

/** Of a task a CPU. */
const EVENTS = [payload(LE64, 5, 100, []), payload(LE64, 5, 101, [])] as const;
/** Two CPUs' events at these times after the first, in rising order of time but for one that goes back. */
const TIMES = [
  [10, 20, 20, 30, 90],
  [10, 10, 25, 5, 40],
] as const;

/** An event without a payload of its own, and where it is. */
const placeOf = ({ cpu, t, position }: TraceEvent) => `${cpu}@${t - 1e9}#${position}`;

function streamOf(spec: TraceSpec = {}) {
  const bytes = madeImage(
    LE64,
    TIMES.map((times, cpu) => (page) => {
      let before = 0;
      for (const time of times) {
        if (time < before) page.timeStamp(BigInt(1e9 + time)).event(0, EVENTS[cpu]!);
        else page.event(time - before, EVENTS[cpu]!);
        before = time;
      }
    }),
  );
  return openTrace(readImage(new MemorySource(bytes)), { formats: new Map() }, { ...spec, strict: true }).events();
}

/** In time order, the lower CPU first; what goes back comes as soon as its CPU is there. */
const ORDER = ["0@10#0", "1@10#1", "1@10#2", "0@20#3", "0@20#4", "1@25#5", "1@5#6", "0@30#7", "1@40#8", "0@90#9"];

test("each event comes once, in order, and is counted", () => {
  expect(Array.from(streamOf(), placeOf)).toEqual(ORDER);
});

test("what is left out keeps its place", () => {
  expect(Array.from(streamOf({ pids: [101] }), placeOf)).toEqual(ORDER.filter((each) => each[0] === "1"));
});

test("to look ahead, or at the next time, moves nothing", () => {
  const seen: string[] = [];
  const stream = streamOf();
  for (const event of stream) {
    const place = placeOf(event);
    const next = ORDER[ORDER.indexOf(place) + 1];
    const onCpu = ORDER.slice(ORDER.indexOf(place) + 1).find((each) => each[0] === place[0]);
    expect(stream.nextTime()).toBe(next === undefined ? undefined : 1e9 + Number(/@(\d+)/.exec(next)![1]));
    expect(stream.ahead()?.t).toBe(onCpu === undefined ? undefined : 1e9 + Number(/@(\d+)/.exec(onCpu)![1]));
    expect(placeOf(event)).toBe(place);
    seen.push(place);
  }
  expect(seen).toEqual(ORDER);
});

test("an event that was shown with the one before is passed over, and keeps its place", () => {
  const stream = streamOf();
  const seen: string[] = [];
  for (const event of stream) {
    seen.push(placeOf(event));
    if (seen.length !== 1) continue;
    expect(placeOf(stream.ahead()!)).toMatch(/^0@20/);
    stream.takeAhead();
    expect(stream.nextTime()).toBe(1e9 + 10);
  }
  expect(seen).toEqual(ORDER.filter((each) => each !== "0@20#3"));
});

test("the next time is that of an event behind one which was shown already", () => {
  const stream = streamOf();
  for (const event of stream) {
    if (event.position === 3) {
      stream.ahead();
      stream.takeAhead();
      expect(stream.nextTime()).toBe(1e9 + 25);
    }
  }
});

test("whatever the times, and where they are equal: the earliest next, of these the lowest CPU's", () => {
  const times = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 8 });
  fc.assert(
    fc.property(fc.array(times, { minLength: 1, maxLength: 4 }), (deltas) => {
      const cpus = deltas.map((list, cpu) => {
        let time = 0;
        return list.map((delta, i) => {
          time += delta;
          return { cpu, time, i };
        });
      });
      const bytes = madeImage(
        LE64,
        deltas.map((list, cpu) => (page) => {
          for (const delta of list) page.event(delta, payload(LE64, 5, cpu, []));
        }),
      );
      const trace = openTrace(readImage(new MemorySource(bytes)), { formats: new Map() }, { strict: true });
      const expected = cpus.flat().sort((a, b) => a.time - b.time || a.cpu - b.cpu || a.i - b.i);
      expect(Array.from(trace.events(), ({ cpu, t }) => `${cpu}@${t - 1e9}`)).toEqual(
        expected.map(({ cpu, time }) => `${cpu}@${time}`),
      );
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("many CPUs are merged as few are: by time, the lower CPU first", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 12, max: 40 }),
      fc.array(fc.tuple(fc.nat(39), fc.nat(30)), { minLength: 1, maxLength: 200 }),
      (cpus, steps) => {
        const deltas = Array.from({ length: cpus }, (_, cpu) =>
          steps.filter(([at]) => at === cpu).map(([, more]) => more),
        );
        const bytes = madeImage(
          LE64,
          deltas.map((own) => (page) => {
            for (const more of own) page.event(more, EVENTS[0]);
          }),
        );
        const trace = openTrace(readImage(new MemorySource(bytes)), { formats: new Map() }, { strict: true });
        const wanted = deltas.flatMap((own, cpu) => own.map((_, i) => ({ cpu, i, t: sum(own.slice(0, i + 1)) })));
        // On a CPU in the order of writing; over all by time, then by CPU.
        wanted.sort((a, b) => a.t - b.t || a.cpu - b.cpu || a.i - b.i);
        expect(Array.from(trace.events(), ({ cpu, t }) => `${cpu}@${t - 1e9}`)).toEqual(
          wanted.map(({ cpu, t }) => `${cpu}@${t}`),
        );
      },
    ),
    { numRuns: 60 },
  );
});

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

test("times that no double holds are in order for a kernel's view, too, and their differences are exact", () => {
  // Such as Linux 7.3.4 recovered with the clock tai; 104 days after a boot any clock has them.
  const first = 1_795_816_104_030_490_752n;
  const bytes = madeImage(
    LE64,
    [
      (page) => {
        for (let i = 0; i < 6; i++) page.event(150, EVENTS[0]);
      },
      (page) => page.event(800, EVENTS[1]),
    ],
    first,
  );
  const at = (spec: TraceSpec) => {
    const stream = openTrace(readImage(new MemorySource(bytes)), { formats: new Map() }, spec).events();
    return Array.from(stream, (event) => ({
      place: `${event.cpu}@${event.exactTime() - first}`,
      next: (stream.nextTime() ?? event.t) - event.t,
    }));
  };
  const seen = at({ asKernel: { release: "7.3.4" } });
  expect(seen.map(({ place }) => place)).toEqual(["0@150", "0@300", "0@450", "0@600", "0@750", "1@800", "0@900"]);
  expect(seen.map(({ next }) => next)).toEqual([150, 150, 150, 150, 50, 100, 0]);
  expect(at({})).toEqual(seen);
});
