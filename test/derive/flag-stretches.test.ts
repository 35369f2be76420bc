import { expect, test } from "@jest/globals";
import { FlagStretches } from "../../src/derive/flag-stretches.js";
import { type Told, told, us } from "../support/story.js";

const OFF = 0x01;
const RESCHED = 0x04;
const HARD = 0x08;

function stretches(events: readonly Told[]) {
  const tracker = new FlagStretches();
  told(events, tracker);
  const top = (kind: "irqs-off" | "preempt-off" | "need-resched") =>
    tracker.top(kind).map(({ first, last, events: n }) => `${us(first)}-${us(last)} ${n}`);
  return { tracker, irqs: top("irqs-off"), preempt: top("preempt-off"), resched: top("need-resched") };
}

const at = (us: number, flags: number, preempt = 0, pid = 1): Told => [0, us, pid, "nothing", {}, flags, preempt];

test("a stretch goes from the first to the last event that says so; the one at the end is not over", () => {
  const { tracker, irqs, preempt, resched } = stretches([
    at(10, OFF),
    at(20, OFF, 1),
    at(30, 0, 2),
    at(40, RESCHED),
    at(60, RESCHED),
  ]);
  expect([irqs, preempt, resched]).toEqual([["10-20 2"], ["20-30 2"], ["40-60 2"]]);
  expect(us(tracker.open(0, "need-resched")!.first)).toBe(40);
  expect(tracker.open(0, "irqs-off")).toBeUndefined();
});

test("interrupts were on where a new one came, where a task was switched, and while the idle task slept", () => {
  expect(stretches([at(10, OFF), at(20, OFF | HARD), at(30, OFF | HARD)]).irqs).toEqual(["20-30 2"]);
  const switched = [at(10, OFF), [0, 20, 1, "sched_switch", { next_pid: 2 }, OFF] as Told, at(40, OFF, 0, 2)];
  expect(stretches(switched).irqs).toEqual(["10-20 2"]);
  expect(stretches([at(10, OFF, 1, 0), at(20, OFF, 1, 0)])).toMatchObject({ irqs: [], preempt: [] });
});

test("only the longest are kept, longest first", () => {
  const many = Array.from({ length: 9 }, (_, i) => [at(i * 1000, OFF), at(i * 1000 + i, OFF), at(i * 1000 + 500, 0)]);
  expect(stretches(many.flat()).irqs.map((each) => each.split(" ")[0])).toEqual([
    "8000-8008",
    "7000-7007",
    "6000-6006",
    "5000-5005",
    "4000-4004",
  ]);
});

test("of equally long ones the first are kept", () => {
  const many = Array.from({ length: 7 }, (_, i) => [at(i * 1000, OFF), at(i * 1000 + 5, OFF), at(i * 1000 + 500, 0)]);
  expect(stretches(many.flat()).irqs.map((each) => each.split(" ")[0])).toEqual(
    [0, 1, 2, 3, 4].map((i) => `${i * 1000}-${i * 1000 + 5}`),
  );
});
