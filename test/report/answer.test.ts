import { expect, test } from "@jest/globals";
import { last } from "../../src/report/last.js";
import { story, type Told } from "../support/story.js";

const [OFF, RESCHED, HARD, SOFT, NMI] = [0x01, 0x04, 0x08, 0x10, 0x40];
const SECOND = 1_000_000;

/** CPU 1 logs to the end, three seconds after the beginning; both CPUs begin at once. */
function answerOf(events: readonly Told[]): string {
  const other: Told[] = [
    [1, 1, 9, "nothing"],
    [1, 3 * SECOND, 9, "nothing"],
  ];
  return last(story([[0, 0, 1, "nothing"], ...events, ...other]), 3).answer;
}

const ticks = (flags: number): Told[] =>
  Array.from({ length: 30 }, (_, i) => [0, 100_001 + i * 99_999, 5, "nothing", {}, flags] as const);

test("a CPU that fell silent with interrupts off, in a task and a system call", () => {
  expect(
    answerOf([
      [0, 2 * SECOND, 1, "sched_switch", { prev_pid: 1, prev_state: 1, next_pid: 5 }],
      [0, 2 * SECOND + 1, 5, "sys_enter", { id: 0 }],
      [0, 2 * SECOND + 100, 5, "nothing", {}, OFF],
    ]),
  ).toBe(
    "CPU 0 fell silent 999.9 ms before the end, in pid 5, system call number 0 (1000.0 ms), interrupts off; CPU 1 logged to the end (pid 9)",
  );
});

test("interrupts off for long, with events all the time", () => {
  expect(
    answerOf([[0, 100_000, 1, "sched_switch", { prev_pid: 1, prev_state: 1, next_pid: 5 }], ...ticks(OFF)]),
  ).toContain("interrupts off for");
});

test("a soft interrupt that never returns, while ticks go on", () => {
  const text = answerOf([
    [0, 99_000, 1, "sched_switch", { prev_pid: 1, prev_state: 1, next_pid: 5 }],
    [0, 100_000, 5, "softirq_entry", { vec: 1 }, SOFT],
    ...ticks(SOFT | HARD | OFF),
  ]);
  expect(text).toMatch(/^CPU 0 ran pid 5 .*for the last 2\.90 s, softirq .*\(2\.90 s\)/);
});

test("work that sleeps and does not wake", () => {
  const text = answerOf([
    [0, 10, 1, "sched_switch", { prev_pid: 1, prev_state: 1, next_pid: 5 }],
    [0, 20, 5, "workqueue_execute_start", { work: 0xffff888100001000n }],
    [0, 30, 5, "sched_switch", { prev_pid: 5, prev_state: 2, next_pid: 0 }],
    [0, 2_999_999, 0, "nothing"],
  ]);
  expect(text).toMatch(/pid 5 was in D for 3\.00 s, in work/);
  expect(text).toContain("CPU 0 was idle");
});

test("whoever waits for a CPU is named with who had it; exit_group waits for nothing", () => {
  const text = answerOf([
    [0, 10, 1, "sched_switch", { prev_pid: 1, prev_state: 0x100, next_pid: 5, next_prio: 49 }],
    [0, 2_999_999, 5, "nothing"],
  ]);
  expect(text).toBe(
    "CPU 0 ran pid 5 (real-time) for the last 3.00 s, while pid 1 (3.00 s) waited for it; CPU 1 logged to the end (pid 9)",
  );
});

test("what a loss or a late ring makes doubtful is told as such", () => {
  const late: Told[] = [
    [0, 10, 1, "sched_switch", { prev_pid: 1, prev_state: 0x100, next_pid: 5 }],
    [0, 2_999_999, 5, "nothing"],
    [1, 2_000_000, 9, "nothing"],
    [1, 3_000_000, 9, "nothing"],
  ];
  expect(last(story(late), 3).answer).toBe(
    "CPU 0 ran pid 5 (real-time) for the last 3.00 s, while pid 1 (3.00 s) waited for it as far as is known; CPU 1 logged to the end (pid 9)",
  );
  expect(last(story(late), 3).waiting).toMatchObject([{ pid: 1, certain: false }]);
});

test("without a switch in the trace nobody knows whether a CPU was idle", () => {
  const text = answerOf([[0, 10, 5, "nothing"]]);
  expect(text).toBe(
    "CPU 0 logged nothing in the last 3.00 s, before that in pid 5 (no sched_switch tells whether it was idle); CPU 1 logged to the end (pid 9)",
  );
});

test("a CPU in the idle task is idle, unless it was asked to reschedule", () => {
  const idle = (flags: number) =>
    answerOf([
      [0, 10, 1, "sched_switch", { prev_pid: 1, prev_state: 1, next_pid: 0 }],
      [0, 20, 0, "nothing", {}, flags],
    ]);
  expect(idle(0)).toContain("CPU 0 was idle for the last 3.00 s");
  expect(idle(RESCHED)).toMatch(/^CPU 0 fell silent 3\.00 s before the end, in the idle task; /);
});

test("an NMI that the last event was in", () => {
  const switched = (next_pid: number): Told => [0, 10, 1, "sched_switch", { prev_pid: 1, prev_state: 1, next_pid }];
  const last = (time: number, pid: number): Told => [0, time, pid, "nothing", {}, OFF | NMI];
  expect(answerOf([switched(0), last(2_999_999, 0)])).toBe(
    "CPU 1 logged to the end (pid 9); CPU 0 was idle, in an NMI",
  );
  expect(answerOf([switched(5), last(2_999_999, 5)])).toContain("CPU 0 logged to the end (pid 5, in an NMI)");
  expect(answerOf([switched(5), last(2_000_000, 5)])).toMatch(
    /^CPU 0 fell silent 1\.00 s before .*in pid 5, in an NMI/,
  );
});
