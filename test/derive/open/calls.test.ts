import { expect, test } from "@jest/globals";
import { neverReturns, OpenCalls } from "../../../src/derive/open/calls.js";
import { type Told, told, us } from "../../support/story.js";

const NAMES: string[] = [];
NAMES[0] = "read";
NAMES[231] = "exit_group";

function calls(events: readonly Told[]) {
  const returned: string[] = [];
  const tracker = new OpenCalls(NAMES, ({ name, enter }, exit) =>
    returned.push(`${enter.pid} ${name} ${us(enter)}-${us(exit)}`),
  );
  told(events, tracker);
  return { returned, tracker, open: [...tracker.all()].map(([pid, { name, enter }]) => `${pid} ${name} ${us(enter)}`) };
}

test("a call is open from sys_enter to sys_exit of its task, on whatever CPU", () => {
  const { returned, open } = calls([
    [0, 10, 1, "sys_enter", { id: 0 }],
    [0, 11, 2, "sys_enter", { id: 0 }],
    [1, 20, 1, "sys_exit", { id: 0 }],
  ]);
  expect(returned).toEqual(["1 read 10-20"]);
  expect(open).toEqual(["2 read 11"]);
});

test("an exit without a number, as from a signal handler, ends what was begun; one without a beginning ends nothing", () => {
  const { returned, open } = calls([
    [0, 5, 1, "sys_exit", { id: 56 }],
    [0, 10, 1, "sys_enter", { id: 0 }],
    [0, 20, 1, "sys_exit", { id: -1n }],
  ]);
  expect(returned).toEqual(["1 read 10-20"]);
  expect(open).toEqual([]);
});

test("exit_group never returns, and whoever dies is in no call", () => {
  const exiting = calls([[0, 10, 1, "sys_enter", { id: 231 }]]);
  expect(neverReturns(exiting.tracker.of(1)!)).toBe(true);
  const killed = calls([
    [0, 10, 1, "sys_enter", { id: 0 }],
    [0, 20, 1, "sched_process_exit", { pid: 1 }],
  ]);
  expect(killed.open).toEqual([]);
  const reused = calls([
    [0, 10, 1, "sys_enter", { id: 231 }],
    [0, 20, 2, "sched_process_free", { pid: 1 }],
    [0, 30, 1, "nothing"],
  ]);
  expect(reused.open).toEqual([]);
});
