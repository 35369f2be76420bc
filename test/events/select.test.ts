import { expect, test } from "@jest/globals";
import type { TraceEvent } from "../../src/events/event.js";
import { compileFilter, type FilterField } from "../../src/events/select/filter.js";
import { parseFilter } from "../../src/events/select/filter-parse.js";
import { globMatcher } from "../../src/events/select/glob.js";
import { functionTest } from "../../src/events/select/graph.js";
import { parseDuration, parseTimePoint, resolveTime } from "../../src/events/select/time-window.js";
import { UsageError } from "../../src/ground/errors.js";

const FIELDS: Record<string, FilterField> = {
  prio: { kind: "number", signed: true, size: 4, get: () => -5 },
  flags: { kind: "number", signed: false, size: 8, get: () => 0xffff_ffff_8100_1010n },
  comm: { kind: "string", get: () => "kworker/0:1" },
  mask: { kind: "cpus", get: () => new Set([1, 2]) },
};

function matches(text: string): boolean | undefined {
  const test = compileFilter(parseFilter(text), {
    field: (name) => FIELDS[name],
    functionRange: (name) => (name === "here" ? { start: 0xffffffff81001000n, end: 0xffffffff81001100n } : undefined),
  });
  return test?.(undefined as unknown as TraceEvent);
}

test("comparisons of numbers", () => {
  expect(
    ["prio == -5", "prio != 3", "prio < 0", "prio <= -5", "prio > -6", "prio >= -5", "prio == 0xfffffffb"].map(matches),
  ).toEqual(Array(7).fill(true));
  expect(["prio == 5", "prio > 0", "flags < 10", "flags & 0x4"].map(matches)).toEqual(Array(4).fill(false));
  expect(["flags & 0x10", "flags > 0xffffffff81001000", "flags == 18446744071578849296"].map(matches)).toEqual(
    Array(3).fill(true),
  );
});

test("strings, globs, functions and CPU masks", () => {
  expect(
    [
      'comm == "kworker/0:1"',
      "comm ~ 'kw*'",
      "comm ~ kw*1",
      'comm != "x"',
      "flags.function == here",
      "mask & CPUS{2-3}",
      "mask == CPUS{1,2}",
    ].map(matches),
  ).toEqual(Array(7).fill(true));
  expect(['comm == "kworker"', "comm ~ 'x*'", "flags.function != here", "mask & CPUS{0,3}"].map(matches)).toEqual(
    Array(4).fill(false),
  );
});

test("&& binds tighter than ||; ! and parentheses", () => {
  expect(matches("prio == 1 && prio == 2 || prio == -5")).toBe(true);
  expect(matches("prio == 1 && (prio == 2 || prio == -5)")).toBe(false);
  expect(matches("!(prio == 1) && !prio == 2")).toBe(true);
});

test("an event without the field has no such filter", () => {
  expect(matches("nothing == 1")).toBeUndefined();
  expect(matches("prio == -5 || nothing == 1")).toBeUndefined();
});

test("what makes no sense is said in a line that points at it", () => {
  for (const text of [
    "",
    "prio",
    "prio ==",
    "prio == 1 &&",
    "(prio == 1",
    "prio == 1)",
    'comm == "x',
    "prio ~ 3",
    "comm < 'a'",
    "prio == abc",
    "flags.function == nowhere",
    "comm.ustring == 'x'",
    "prio.other == 1",
    "mask == 3",
    "comm & CPUS{1}",
    "mask & CPUS{9-1}",
    "prio & & 1",
  ])
    expect(() => matches(text)).toThrow(UsageError);
  expect(() => parseFilter("(".repeat(1000))).toThrow(/too deeply/);
});

test("globs", () => {
  const cases: [string, string, boolean][] = [
    ["abc", "abc", true],
    ["abc", "abcd", false],
    ["*b*", "abc", true],
    ["a*c", "abbbc", true],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["[a-c]x", "bx", true],
    ["[!a-c]x", "bx", false],
    ["[]]x", "]x", true],
    ["[x", "[x", true],
    ["a\\*c", "a*c", true],
    ["a\\*c", "abc", false],
    ["*", "", true],
    ["**a", "ba", true],
  ];
  for (const [pattern, text, expected] of cases)
    expect([pattern, text, globMatcher(pattern)(text)]).toEqual([pattern, text, expected]);
});

test("a glob made to be slow ends", () => {
  // Backtracking over all stars would not end within a lifetime.
  expect(globMatcher(`${"*a".repeat(50)}b`)("a".repeat(5000))).toBe(false);
});

test("a module's function goes by its name alone, as with set_graph_function", () => {
  const call = { depth: 0, function: "xfs_iget [xfs]", enters: true };
  const event = { pid: 1, cpu: 0, position: 0 } as TraceEvent;
  expect(functionTest(["xfs_*get"], () => call)(event, 11)).toBe(true);
});

test("times", () => {
  const last = 100_000_000_000n;
  const at = (text: string): bigint => resolveTime(parseTimePoint("since", text, true), last);
  expect([at("1.5"), at("-200ms"), at("-1.5s"), at("250us"), at("7ns")]).toEqual([
    1_500_000_000n,
    99_800_000_000n,
    98_500_000_000n,
    250_000n,
    7n,
  ]);
  expect(parseDuration("last", "3", true)).toBe(3_000_000_000n);
  expect([parseDuration("last", "5m", true), parseDuration("last", "1h", true)]).toEqual([
    300n * 10n ** 9n,
    3600n * 10n ** 9n,
  ]);
  expect(resolveTime(parseTimePoint("since", "-10", false), 100n)).toBe(90n);
  for (const text of ["", "x", "1d", "1.2.3", "--1"])
    expect(() => parseTimePoint("since", text, true)).toThrow(UsageError);
  expect(() => parseTimePoint("since", "1ms", false)).toThrow(/does not count seconds/);
});

test("a number that no kernel takes is refused, not cut to its low bits", () => {
  for (const number of ["0x10000000000000000", "18446744073709551616", "-9223372036854775809"])
    expect(() => parseFilter(`pid == ${number}`)).toThrow(`${number}: more than 64 bits`);
  for (const number of ["0xffffffffffffffff", "-9223372036854775808"]) parseFilter(`pid == ${number}`);
});

test("a filter of more comparisons than a kernel takes is refused, however they are joined", () => {
  const many = (count: number, joined: string) => Array.from({ length: count }, () => "prio<1").join(joined);
  for (const joined of ["||", "&&"]) {
    expect(matches(many(1000, joined))).toBe(true);
    expect(() => matches(many(100_000, joined))).toThrow(UsageError);
  }
});
