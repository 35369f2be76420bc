import { expect, test } from "@jest/globals";
import { type PairSpec, Pairs } from "../../src/derive/pairs.js";
import { type Told, told, us } from "../support/story.js";

function pairsOf(spec: PairSpec, events: readonly Told[]) {
  const found: string[] = [];
  const pairs = new Pairs(spec, true, (begin, end, key) => found.push(`${key} ${us(begin)}-${us(end)}`));
  told(events, pairs);
  return { found, open: pairs.unended.map((event) => us(event)), lacking: [...pairs.lacking] };
}

const wakeup = (at: number, pid: number): Told => [0, at, 9, "sched_wakeup", { pid }];
const runs = (at: number, next_pid: number): Told => [0, at, 9, "sched_switch", { next_pid }];

test("an event that ends a pair and begins the next one tells the time between two of its kind", () => {
  const spec: PairSpec = { begin: "sched_wakeup", end: "sched_wakeup", key: ["pid"] };
  expect(pairsOf(spec, [wakeup(10, 1), wakeup(20, 2), wakeup(30, 1), wakeup(60, 1)])).toEqual({
    found: ["1 10-30", "1 30-60"],
    open: [20, 60],
    lacking: [],
  });
});

test("fields of other names belong together; the last beginning counts, and an end without one is none", () => {
  const spec: PairSpec = { begin: "sched:sched_wak*", end: "sched:sched_switch", key: ["pid=next_pid"] };
  expect(pairsOf(spec, [runs(5, 1), wakeup(10, 1), wakeup(20, 1), wakeup(25, 2), runs(30, 1), runs(40, 1)])).toEqual({
    found: ["1 20-30"],
    open: [25],
    lacking: [],
  });
});

test("a field that a kind does not have is named", () => {
  const spec: PairSpec = { begin: "sched_wakeup", end: "sched_switch", key: ["pid"] };
  expect(pairsOf(spec, [wakeup(10, 1), runs(30, 1)]).lacking).toEqual(["sched_switch has no field pid"]);
});
