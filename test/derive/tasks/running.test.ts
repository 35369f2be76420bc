import { expect, test } from "@jest/globals";
import { type Running, RunningTasks } from "../../../src/derive/tasks/running.js";
import { type Told, told, us } from "../../support/story.js";

function run(events: readonly Told[]) {
  const stretches: string[] = [];
  const tracker = new RunningTasks((cpu, ran, until) =>
    stretches.push(`${cpu}: ${ran.pid} ${us(ran.since)}-${us(until)}${ran.exact ? "" : " at least"}`),
  );
  told(events, tracker);
  return { stretches, on: (cpu: number) => shown(tracker.on(cpu)) };
}

const shown = (running: Running | undefined) =>
  running && { pid: running.pid, since: us(running.since), exact: running.exact, prio: running.prio };

test("a switch says who runs since when; before the first, the task ran at least since the ring begins", () => {
  const { stretches, on } = run([
    [0, 10, 7, "nothing"],
    [0, 20, 7, "sched_switch", { prev_pid: 7, next_pid: 8, next_prio: 49 }],
    [0, 30, 8, "nothing"],
  ]);
  expect(stretches).toEqual(["0: 7 10-20 at least"]);
  expect(on(0)).toEqual({ pid: 8, since: 20, exact: true, prio: 49 });
});

test("the task that a switch leaves may still log (context_switch()), and that is no switch back", () => {
  const { on } = run([
    [0, 10, 7, "sched_switch", { prev_pid: 7, next_pid: 8 }],
    [0, 11, 7, "nothing"],
    [0, 12, 8, "nothing"],
  ]);
  expect(on(0)).toMatchObject({ pid: 8, since: 10, exact: true });
});

test("an event of another task tells of a switch that was not seen", () => {
  const { stretches, on } = run([
    [0, 10, 7, "sched_switch", { prev_pid: 7, next_pid: 8 }],
    [0, 11, 8, "nothing"],
    [0, 20, 7, "nothing"],
    [1, 15, 9, "nothing"],
  ]);
  expect(stretches).toEqual(["0: 7 10-10 at least", "0: 8 10-20"]);
  expect(on(0)).toEqual({ pid: 7, since: 20, exact: false, prio: -1 });
  expect(on(1)).toMatchObject({ pid: 9 });
  expect(on(2)).toBeUndefined();
});
