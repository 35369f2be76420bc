import { expect, test } from "@jest/globals";
import { TaskStates } from "../../../src/derive/tasks/states.js";
import { type Told, told, us } from "../../support/story.js";

function states(events: readonly Told[]) {
  const waits: string[] = [];
  const tracker = new TaskStates((task, until) =>
    waits.push(`${task.pid} ${task.preempted ? "preempted" : "woken"} ${us(task.since)}-${us(until)}`),
  );
  told(events, tracker);
  const of = (pid: number) => {
    const task = tracker.get(pid);
    return (
      task && `${task.phase} ${task.letter} since ${us(task.since)} on ${task.cpu}${task.exact ? "" : " at least"}`
    );
  };
  return { waits, of, tracker };
}

test("prev_state tells sleep in each state, death, and who was only preempted", () => {
  const off = (us: number, pid: number, prev_state: number): Told => [
    0,
    us,
    pid,
    "sched_switch",
    { prev_pid: pid, prev_state, next_pid: pid + 1 },
  ];
  const { of } = states([off(10, 1, 2), off(20, 2, 1), off(30, 3, 0x100), off(40, 4, 0x10), off(50, 5, 0x80)]);
  expect([1, 2, 3, 4, 5, 6].map(of)).toEqual([
    "blocked D since 10 on 0",
    "blocked S since 20 on 0",
    "runnable R since 30 on 0",
    "dead X since 40 on 0",
    "blocked I since 50 on 0",
    "running R since 50 on 0",
  ]);
});

test("a wait goes from the first waking to the switch; sched_wakeup does not begin it anew", () => {
  const { waits, of } = states([
    [0, 10, 1, "sched_switch", { prev_pid: 1, prev_state: 1, next_pid: 2 }],
    [1, 20, 9, "sched_waking", { pid: 1, target_cpu: 0 }],
    [0, 25, 2, "sched_wakeup", { pid: 1, target_cpu: 0 }],
    [0, 30, 2, "sched_switch", { prev_pid: 2, prev_state: 0, next_pid: 1 }],
    [0, 50, 1, "sched_switch", { prev_pid: 1, prev_state: 1, next_pid: 2 }],
  ]);
  expect(waits).toEqual(["1 woken 20-30", "2 preempted 30-50"]);
  expect(of(2)).toBe("running R since 50 on 0");
});

test("a wakeup of a running task is no wait", () => {
  const { waits, of } = states([
    [0, 10, 2, "sched_switch", { prev_pid: 2, prev_state: 1, next_pid: 1 }],
    [1, 20, 9, "sched_waking", { pid: 1, target_cpu: 0 }],
    [1, 21, 9, "sched_wakeup", { pid: 1, target_cpu: 0 }],
  ]);
  expect(waits).toEqual([]);
  expect(of(1)).toBe("running R since 10 on 0");
});

test("a waking that no CPU took is a wait, on the CPU that it was meant for or moved to", () => {
  const woken: Told[] = [
    [0, 10, 1, "sched_switch", { prev_pid: 1, prev_state: 1, next_pid: 2 }],
    [1, 20, 9, "sched_waking", { pid: 1, target_cpu: 3 }],
  ];
  expect(states(woken).of(1)).toBe("runnable R since 20 on 3");
  expect(states([...woken, [1, 30, 9, "sched_migrate_task", { pid: 1, dest_cpu: 1 }]]).of(1)).toContain("on 1");
});

test("its own events say that a task runs, and whom it took the CPU from is unknown", () => {
  const { of } = states([
    [0, 10, 1, "nothing"],
    [0, 20, 2, "nothing"],
  ]);
  expect(of(2)).toBe("running R since 20 on 0 at least");
  expect(of(1)).toBe("unknown R since 20 on 0 at least");
});

test("a new task with an old pid has no past; the idle task is none", () => {
  const { of, tracker } = states([
    [0, 10, 1, "sched_switch", { prev_pid: 1, prev_state: 0x20, next_pid: 0 }],
    [0, 20, 0, "sched_process_free", { pid: 1 }],
    [0, 30, 0, "nothing"],
  ]);
  expect(of(1)).toBeUndefined();
  expect([...tracker.all()]).toEqual([]);
});

test("what a task did last is no event of the scheduler", () => {
  const { tracker } = states([
    [0, 10, 1, "sys_enter", { id: 1 }],
    [0, 20, 1, "sched_switch", { prev_pid: 1, prev_state: 2, next_pid: 0 }],
  ]);
  expect(us(tracker.get(1)!.last)).toBe(10);
});

test("a CPU that idles after a task was to run there has passed it over; the switch that preempts it for the idle task has not", () => {
  const off = (us: number, pid: number, prev_state: number, next_pid: number): Told => [
    0,
    us,
    pid,
    "sched_switch",
    { prev_pid: pid, prev_state, next_pid },
  ];
  const preempted = off(10, 1, 0x100, 0);
  const of = (...events: Told[]): boolean => {
    const { tracker } = states(events);
    return tracker.wasPassedOver(tracker.get(1)!);
  };
  expect(of(preempted)).toBe(false);
  expect(of(preempted, off(20, 0, 0, 2), off(30, 2, 1, 0))).toBe(true);
});

test("a task that is freed is forgotten: its number may be another's", () => {
  const { of } = states([
    [0, 10, 1, "sched_switch", { prev_pid: 1, prev_state: 0x10, next_pid: 2 }],
    [0, 20, 2, "sched_process_free", { pid: 1 }],
  ]);
  expect(of(1)).toBeUndefined();
});
