import { expect, test } from "@jest/globals";
import { LatencyColumn } from "../../src/text/latency.js";

test("the lower four bits of preempt_count are its depth, the upper four that of migrate_disable", () => {
  const column = new LatencyColumn(true);
  expect([0x00, 0x01, 0x0f, 0x10, 0x80, 0xf3].map((count) => column.text(0, count))).toEqual([
    ".....",
    "...1.",
    "...f.",
    "....1",
    "....8",
    "...3f",
  ]);
});
