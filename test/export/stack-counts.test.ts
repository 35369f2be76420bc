import { expect, test } from "@jest/globals";
import { Scraps } from "../../src/export/scraps.js";
import { StackCounts } from "../../src/export/spans/stack-counts.js";

/** Of each stack: how many lines it has, and what they count together. */
function read(counts: StackCounts): Map<string, { lines: number; sum: number }> {
  const all = new Map<string, { lines: number; sum: number }>();
  for (const line of Buffer.concat([...counts.lines()])
    .toString()
    .trimEnd()
    .split("\n")) {
    const [, stack, count] = /^(.*) (\d+)$/.exec(line)!;
    const { lines, sum } = all.get(stack!) ?? { lines: 0, sum: 0 };
    all.set(stack!, { lines: lines + 1, sum: sum + Number(count) });
  }
  return all;
}

test("a stack that is held has one line, in the order that they came", () => {
  const counts = new StackCounts(new Scraps());
  for (const stack of ["b;a", "a", "b;a", "\xc3\xbc", "\xff"]) counts.add(stack, 2);
  expect([...read(counts)]).toEqual([
    ["b;a", { lines: 1, sum: 4 }],
    ["a", { lines: 1, sum: 2 }],
    ["ü", { lines: 1, sum: 2 }],
    ["ÿ", { lines: 1, sum: 2 }],
  ]);
});

test("however many bytes of stacks there are, few are held and none is lost", () => {
  const counts = new StackCounts(new Scraps(), 10_000);
  for (let i = 0; i < 1000; i++) for (const stack of ["often", `${"long;".repeat(100)}${i}`]) counts.add(stack, 1);
  const all = read(counts);
  expect(all.size).toBe(1001);
  expect(all.get("often")!.sum).toBe(1000);
  // A line each time that 10,000 bytes of stacks have come together, which is at every 17th or 18th.
  expect(all.get("often")!.lines).toBeGreaterThan(50);
  expect(all.get("often")!.lines).toBeLessThan(70);
});
