import { expect, test } from "@jest/globals";
import { LastEvents } from "../../src/derive/last-events.js";
import { Rates } from "../../src/derive/rates.js";
import { story, type Told, told, us } from "../support/story.js";

const EVENTS: readonly Told[] = [
  [0, 10, 1, "nothing"],
  [1, 15, 2, "nothing"],
  [0, 20, 1, "sys_enter", { id: 1 }],
  [0, 30, 1, "nothing"],
  [0, 40, 1, "nothing"],
];

test("each CPU's last events, oldest first, stay as they were when the stream goes on", () => {
  const last = new LastEvents(3);
  const trace = told(EVENTS, last);
  expect(last.of(0).map(us)).toEqual([20, 30, 40]);
  expect(last.of(1).map(us)).toEqual([15]);
  expect(last.of(2)).toEqual([]);
  const [enter] = last.of(0);
  expect(trace.text.name(enter!.type)).toBe("sys_enter");
  const [same] = Array.from(trace.events(), (event) => ({
    offset: event.offset,
    time: event.exactTime(),
    us: us(event),
  })).filter(({ us }) => us === 20);
  expect({ offset: enter!.offset, time: enter!.exactTime(), us: 20 }).toEqual(same);
});

test("rates count from when all CPUs are covered, before the end and at it", () => {
  const t = 1e9;
  const rates = new Rates(t + 15_000, t + 30_000);
  told(EVENTS, rates);
  const trace = story(EVENTS);
  const named = rates.all().map(({ type, before, after }) => [trace.text.name(type), before, after]);
  expect(named).toEqual([
    ["sys_enter", 1, 0],
    ["nothing", 1, 2],
  ]);
});
