import { expect, test } from "@jest/globals";
import { readTorn } from "./read-torn.js";
import { allStates } from "./states.js";
import { CASES, type Score, scoreOf, tear } from "./tear.js";

const SEED = 9000;

const states = allStates();
const table: string[] = [];
const total = new Map<string, number>();

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function row(name: string, score: Score): string {
  const percent = (part: number, whole: number) => (100 * share(part, whole)).toFixed(2).padStart(7);
  return [
    name.padEnd(32),
    percent(score.hit, score.survive),
    percent(score.falseSure, score.read),
    percent(score.wrongTime, score.hit),
    percent(score.doubted, score.hit),
    percent(score.bounded, score.hit),
    percent(score.within, score.bounded),
  ].join(" ");
}

const torn = states.flatMap(({ name, states: moments }) =>
  [true, false].flatMap((spare) =>
    CASES.map(
      ([model, amount], n) =>
        [`${name} ${model} ${amount}${spare ? "" : " metas too"}`, moments, spare, model, amount, n] as const,
    ),
  ),
);

test.each(torn)(
  "%s: surviving events are read, few others, times are right or bounded",
  (name, moments, spare, model, amount, n) => {
    const bytes = tear(moments, SEED + n, model, amount, spare);
    const score = scoreOf(moments, bytes, readTorn(bytes));
    table.push(row(name, score));
    for (const [key, value] of Object.entries(score)) total.set(key, (total.get(key) ?? 0) + value);
    expect(score.survive).toBeGreaterThan(1000);
    expect(share(score.hit, score.survive)).toBeGreaterThanOrEqual(0.97);
    expect(share(score.falseSure, score.read)).toBeLessThanOrEqual(0.006);
    if (model === "decay") return;
    expect(share(score.wrongTime, score.hit)).toBeLessThanOrEqual(0.015);
    expect(share(score.within, Math.max(1, score.bounded))).toBeGreaterThanOrEqual(score.bounded === 0 ? 0 : 0.97);
  },
);

test("over all of them", () => {
  const all = Object.fromEntries(total) as unknown as Score;
  console.log(["".padEnd(32), "   read false sure wrong doubted bounded within", ...table, row("all", all)].join("\n"));
  expect(share(all.hit, all.survive)).toBeGreaterThanOrEqual(0.995);
  expect(share(all.falseSure, all.read)).toBeLessThanOrEqual(0.001);
  expect(share(all.doubted, all.hit)).toBeLessThanOrEqual(0.05);
  expect(share(all.wrongTime, all.hit)).toBeLessThanOrEqual(0.005);
  expect(share(all.within, all.bounded)).toBeGreaterThanOrEqual(0.99);
});
