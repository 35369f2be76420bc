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

test("interrupts: hard, soft, both, and NMIs in and outside of hard ones", () => {
  const [NMI, HARD, SOFT] = [0x40, 0x08, 0x10];
  const column = new LatencyColumn(true);
  const shown = [0, HARD, SOFT, HARD | SOFT, NMI, NMI | HARD, NMI | SOFT, NMI | HARD | SOFT];
  expect(shown.map((flags) => column.text(flags, 0)[2])).toEqual([".", "h", "s", "H", "z", "Z", "z", "Z"]);
});
