import { expect, test } from "@jest/globals";
import { OpenHandlers } from "../../../src/derive/open/handlers.js";
import { type Told, told, us } from "../../support/story.js";

const HARD = 0x08;
const SOFT = 0x10;

function handlers(events: readonly Told[]) {
  const ended: string[] = [];
  const tracker = new OpenHandlers(({ what, event }, end) => ended.push(`${what.what} ${us(event)}-${us(end)}`));
  told(events, tracker);
  return { ended, of: (pid: number, cpu = 0) => tracker.of(pid, cpu).map((o) => `${o.what.what} ${us(o.event)}`) };
}

test("what began and did not end is a stack, of the task that it interrupted", () => {
  const { ended, of } = handlers([
    [0, 10, 1, "workqueue_execute_start", { work: 0xffff888100001000n }],
    [0, 20, 1, "softirq_entry", { vec: 1 }, SOFT],
    [0, 30, 1, "irq_handler_entry", { irq: 4 }, HARD | SOFT],
    [0, 40, 1, "irq_handler_exit", { irq: 4 }, HARD | SOFT],
    [0, 50, 1, "irq_handler_entry", { irq: 5 }, HARD | SOFT],
  ]);
  expect(ended).toEqual(["irq 30-40"]);
  expect(of(1)).toEqual(["work 10", "softirq 20", "irq 50"]);
});

test("the idle tasks of two CPUs have a stack each", () => {
  const { of } = handlers([
    [0, 10, 0, "softirq_entry", { vec: 1 }, SOFT],
    [1, 20, 0, "irq_handler_entry", { irq: 5 }, HARD],
  ]);
  expect([of(0, 0), of(0, 1)]).toEqual([["softirq 10"], ["irq 20"]]);
});

test("outside of the interrupt that it began in, it is over though its end was lost", () => {
  const { of } = handlers([
    [0, 10, 1, "softirq_entry", { vec: 1 }, SOFT],
    [0, 20, 1, "irq_handler_entry", { irq: 5 }, HARD | SOFT],
    [0, 30, 1, "nothing", {}, SOFT],
  ]);
  expect(of(1)).toEqual(["softirq 10"]);
});

test("what begins again had ended", () => {
  const { of } = handlers([
    [0, 10, 1, "softirq_entry", { vec: 1 }, SOFT],
    [0, 20, 1, "irq_handler_entry", { irq: 5 }, HARD | SOFT],
    [0, 30, 1, "softirq_entry", { vec: 1 }, HARD | SOFT],
  ]);
  expect(of(1)).toEqual(["softirq 30"]);
});

test("an end takes all that lay within; work of another address is other work", () => {
  const a = 0xffff888100001000n;
  const { ended, of } = handlers([
    [0, 10, 1, "workqueue_execute_start", { work: a }],
    [0, 20, 1, "softirq_entry", { vec: 1 }],
    [0, 30, 1, "workqueue_execute_end", { work: a + 64n }],
    [0, 40, 1, "workqueue_execute_end", { work: a }],
  ]);
  expect(ended).toEqual(["work 10-40"]);
  expect(of(1)).toEqual([]);
});
