import { expect, test } from "@jest/globals";
import { OpenCalls } from "../../../src/derive/open/calls.js";
import { CallsOnCpu } from "../../../src/derive/open/calls-on-cpu.js";
import { RunningTasks } from "../../../src/derive/tasks/running.js";
import { type Told, told, us } from "../../support/story.js";

const NAMES: string[] = [];
NAMES[0] = "read";
NAMES[1] = "write";

function stretches(events: readonly Told[], end: number): string[] {
  const found: string[] = [];
  const running = new RunningTasks();
  const calls = new OpenCalls(NAMES);
  const onCpu = new CallsOnCpu(running, calls, (cpu, { name }, from, to) =>
    found.push(`${cpu} ${name} ${us({ t: from })}-${us({ t: to })}`),
  );
  told(events, onCpu, running, calls);
  onCpu.finish(1e9 + end * 1000);
  return found;
}

test("a CPU is in the call of the task that it runs: not while that sleeps, and where it then runs", () => {
  const found = stretches(
    [
      [0, 10, 1, "sys_enter", { id: 0 }],
      [0, 15, 1, "nothing"],
      [0, 20, 1, "sched_switch", { prev_pid: 1, prev_state: 1, next_pid: 2 }],
      [0, 25, 2, "sys_enter", { id: 1 }],
      [0, 30, 2, "sys_exit", { id: 1 }],
      [0, 32, 2, "nothing"],
      [1, 5, 0, "nothing"],
      [1, 40, 0, "sched_switch", { prev_pid: 0, prev_state: 0, next_pid: 1 }],
      [1, 50, 1, "nothing"],
    ],
    60,
  );
  // At 40 CPU 1 still is the idle task's; at the end task 1 is in its call.
  expect(found).toEqual(["0 read 10-20", "0 write 25-30", "1 read 40-60"]);
});

test("two calls without a pause are two stretches", () => {
  const found = stretches(
    [
      [0, 10, 1, "sys_enter", { id: 0 }],
      [0, 20, 1, "sys_exit", { id: 0 }],
      [0, 20, 1, "sys_enter", { id: 0 }],
      [0, 30, 1, "sys_exit", { id: 0 }],
      [0, 31, 1, "nothing"],
    ],
    40,
  );
  expect(found).toEqual(["0 read 10-20", "0 read 20-30"]);
});
