import { expect, test } from "@jest/globals";
import { follow } from "../../src/derive/follow.js";
import { OpenCalls } from "../../src/derive/open/calls.js";
import { GraphStacks } from "../../src/derive/open/graph.js";
import { OpenHandlers } from "../../src/derive/open/handlers.js";
import { Spans } from "../../src/derive/spans.js";
import { RunningTasks } from "../../src/derive/tasks/running.js";
import { story, type Told, us } from "../support/story.js";

/** Each span as `track depth from-until how`. */
function spansOf(events: readonly Told[], losses: readonly number[] = []): string[] {
  const told: string[] = [];
  const sources = {
    running: new RunningTasks(),
    calls: new OpenCalls([]),
    handlers: new OpenHandlers(),
    functions: new GraphStacks(),
  };
  const spans = new Spans(sources, {
    began: () => {},
    ended: ({ track, depth, from }, until, how) =>
      told.push(`${track.kind} ${track.id} ${depth} ${us({ t: from })}-${us({ t: until })} ${how}`),
  });
  const trace = story(events);
  let last = 0;
  const lossy = {
    every: (event: { t: number; lost: number }) => {
      last = event.t;
      if (losses.includes(us(event))) Object.assign(event, { lost: -1 });
    },
  };
  follow(trace.events(), trace.kinds, [lossy, spans.losses, ...Object.values(sources), spans]);
  spans.finish(last);
  return told;
}

const switched = (cpu: number, at: number, from: number, to: number): Told => [
  cpu,
  at,
  from,
  "sched_switch",
  { prev_pid: from, next_pid: to, prev_state: 1 },
];

test("a CPU runs one task after the other, and nothing is shown while it is idle", () => {
  expect(spansOf([switched(0, 10, 1, 2), switched(0, 20, 2, 0), switched(0, 30, 0, 3), [0, 40, 3, "nothing"]])).toEqual(
    ["cpu 0 0 10-20 over", "cpu 0 0 30-40 end"],
  );
});

test("a call is on its task's track, whatever CPUs it begins and ends on; open calls end with the trace", () => {
  expect(
    spansOf([
      [0, 10, 1, "sys_enter", { id: 0 }],
      [1, 15, 2, "sys_enter", { id: 1 }],
      [1, 20, 1, "sys_exit", { id: 0 }],
    ]).filter((span) => span.startsWith("task")),
  ).toEqual(["task 1 0 10-20 over", "task 2 0 15-20 end"]);
});

test("interrupts nest on the track of their CPU; one whose end was lost ends where its task goes on", () => {
  const IRQ = 0x08;
  expect(
    spansOf([
      [0, 10, 1, "irq_handler_entry", { irq: 5 }, IRQ],
      [0, 12, 1, "softirq_entry", { vec: 1 }, IRQ],
      [0, 14, 1, "softirq_exit", { vec: 1 }, IRQ],
      [0, 16, 1, "irq_handler_exit", { irq: 5 }, IRQ],
      [0, 20, 1, "irq_handler_entry", { irq: 6 }, IRQ],
      [0, 30, 1, "nothing"],
    ]).filter((span) => span.startsWith("interrupts")),
  ).toEqual(["interrupts 0 1 12-14 over", "interrupts 0 0 10-16 over", "interrupts 0 0 20-30 over"]);
});

test("what began on a CPU before events were lost there ends where the CPU was seen last; the other CPU's goes on", () => {
  expect(
    spansOf(
      [
        [0, 10, 1, "sys_enter", { id: 0 }],
        [1, 11, 2, "sys_enter", { id: 0 }],
        [0, 12, 1, "nothing"],
        [0, 50, 1, "sys_exit", { id: 0 }],
        [1, 60, 2, "sys_exit", { id: 0 }],
      ],
      [50],
    ),
  ).toEqual([
    "cpu 0 0 10-12 lost",
    "task 1 0 10-12 lost",
    "task 2 0 11-60 over",
    "cpu 0 0 50-60 end",
    "cpu 1 0 11-60 end",
  ]);
});

test("a task that is gone is in nothing, and its pid may be another's", () => {
  expect(
    spansOf([
      [0, 10, 1, "sys_enter", { id: 0 }],
      [0, 20, 2, "sched_process_free", { pid: 1 }],
      [0, 30, 1, "sys_enter", { id: 0 }],
      [0, 35, 1, "nothing"],
    ]).filter((span) => span.startsWith("task")),
  ).toEqual(["task 1 0 10-20 over", "task 1 0 30-35 end"]);
});
