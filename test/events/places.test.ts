import { expect, test } from "@jest/globals";
import type { TraceEvent } from "../../src/events/event.js";
import { placeTest } from "../../src/events/select/places.js";
import type { EventStream } from "../../src/events/stream.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { openTrace } from "../../src/trace/open.js";
import type { TraceSpec } from "../../src/trace/spec.js";
import { LE64, madeImage } from "../support/made-events.js";
import { entry, exit } from "../support/made-graph.js";
import { story, type Told, us } from "../support/story.js";

const EVENTS: readonly Told[] = [
  [0, 10, 1, "nothing"],
  [1, 15, 2, "nothing"],
  [0, 20, 1, "sched_switch", { prev_pid: 1, next_pid: 3 }],
  [1, 25, 2, "sched_waking", { pid: 1, target_cpu: 0 }],
  [0, 30, 3, "nothing"],
  [0, 40, 3, "nothing"],
  [1, 45, 2, "nothing"],
];

function timesOf(spec: TraceSpec): number[] {
  const { image, writer } = story(EVENTS);
  const trace = openTrace(image, writer, spec);
  const times = Array.from(trace.events(), us);
  // Each stream is from the start.
  expect(Array.from(trace.events(), us)).toEqual(times);
  return times;
}

test("around a time: so many before and behind, of those that are wanted", () => {
  expect(timesOf({ around: { at: "1.000030", context: 2 } })).toEqual([20, 25, 30, 40, 45]);
  expect(timesOf({ around: { at: "1.000030", context: 1 }, pids: [2] })).toEqual([25, 45]);
  expect(timesOf({ around: { at: "1.000030", context: 0 } })).toEqual([30]);
  // A time behind all is the end.
  expect(timesOf({ around: { at: "9", context: 1 } })).toEqual([40, 45]);
});

test("around an offset: the event whose record holds it", () => {
  const offsets = Array.from(story(EVENTS).events(), ({ offset, t }) => ({ offset, us: us({ t }) }));
  const { offset } = offsets.find((each) => each.us === 25)!;
  expect(timesOf({ around: { at: `0x${offset.toString(16)}`, context: 0 } })).toEqual([25]);
  expect(timesOf({ around: { at: `0x${(offset + 5).toString(16)}`, context: 0 } })).toEqual([25]);
  expect(() => timesOf({ around: { at: "0x1", context: 0 } })).toThrow("no event's record is there");
});

test("the first and the last of each CPU", () => {
  expect(timesOf({ perCpu: { head: 1 } })).toEqual([10, 15]);
  expect(timesOf({ perCpu: { tail: 1 } })).toEqual([40, 45]);
  expect(timesOf({ perCpu: { tail: 9 } })).toEqual([10, 15, 20, 25, 30, 40, 45]);
  expect(timesOf({ perCpu: { tail: 0 } })).toEqual([]);
});

test("of a CPU any number of events may be the last", () => {
  const count = 200_000;
  let position = -1;
  const next = () => (++position < count ? { cpu: 0, position } : undefined);
  const events = (): EventStream => ({ next }) as unknown as EventStream;
  // More than a function takes arguments.
  const test = placeTest({ perCpu: { tail: 150_000 } }, { all: events, wanted: events, time: Number })!;
  const chosen = Array.from({ length: count }, (_, i) => i).filter((i) =>
    test({ cpu: 0, position: i } as TraceEvent, 0),
  );
  expect([chosen[0], chosen.length]).toEqual([50_000, 150_000]);
});

test("one task's life: its events, switches and wakeups of it", () => {
  expect(timesOf({ follow: 1 })).toEqual([10, 20, 25]);
  expect(timesOf({ follow: 3 })).toEqual([20, 30, 40]);
});

test("of the graph what is not too deep, or within a function", () => {
  const events = [entry(1, 0), entry(2, 1), entry(3, 2), exit(3, 2), exit(2, 1), entry(4, 1), exit(4, 1), exit(1, 0)];
  const image = readImage(
    new MemorySource(madeImage(LE64, [(page) => events.reduce((at, each) => at.event(1000, each), page)])),
  );
  const shown = (spec: TraceSpec) =>
    Array.from(openTrace(image, { release: "7.3.4", formats: new Map() }, spec).events(), (event) => us(event));
  expect(shown({ depth: 1 })).toEqual([1, 8]);
  expect(shown({ depth: 2 })).toEqual([1, 2, 5, 6, 7, 8]);
  expect(shown({ functions: ["0x2"] })).toEqual([2, 3, 4, 5]);
  expect(shown({ functions: ["0x[34]"] })).toEqual([3, 4, 6, 7]);
  expect(() => shown({ functions: ["0x9"] })).toThrow("the trace has no call of 0x9");
  expect(shown({ functions: ["0x9", "0x3"] })).toEqual([3, 4]);
});

test("dates by one time that is known", () => {
  const { image, writer } = story(EVENTS);
  const wall = openTrace(image, writer, { wall: "1.000010=2026-11-25T10:00:00Z" });
  const [, second] = Array.from(wall.events(), (event) => wall.time.exactText(event.exactTime()));
  expect(second).toBe(" 2026-11-25T10:00:00.000005Z");
  expect(() => openTrace(image, writer, { wall: "now" })).toThrow("write it like");
});
