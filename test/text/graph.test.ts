import { expect, test } from "@jest/globals";
import { graphDuration, overheadMark } from "../../src/text/graph-duration.js";
import { GRAPH_DEFAULTS, parseGraphOptions } from "../../src/text/graph-options.js";
import { LE64, madeImage, madeLines, payload } from "../support/made-events.js";

const F1 = 0xffffffff81001000n;
const F2 = 0xffffffff81002000n;
const F3 = 0xffffffff81003000n;

const enter = (func: bigint, depth: number, pid = 7): Uint8Array =>
  payload(LE64, 11, pid, [
    [8, func],
    [8, depth],
  ]);
const leave = (func: bigint, depth: number, ns: number, pid = 7): Uint8Array =>
  payload(LE64, 10, pid, [
    [8, func],
    [4, depth],
    [4, 0],
    [8, 1000],
    [8, 1000 + ns],
  ]);

const bytes = madeImage(LE64, [
  (page) =>
    page
      .event(0, enter(F1, 0))
      .event(10, enter(F2, 1))
      .event(10, leave(F2, 1, 1500))
      .event(10, payload(LE64, 5, 7, [[8, F3], "note\n"]))
      .event(10, leave(F1, 0, 12_345_678))
      .event(10, enter(F3, 0, 8))
      .event(10, leave(F3, 0, 5, 8))
      .event(10, leave(F2, 2, 77, 8)),
]);

test("as the tracer shows it: leaves merged, indented, with marks, comments and the switch of tasks", () => {
  expect(madeLines(bytes, { graph: GRAPH_DEFAULTS })).toEqual([
    " 0)               |  first_function() {",
    " 0)   1.500 us    |    second_function();",
    " 0)               |  /* note */",
    " 0) * 12345.67 us |  }",
    " ------------------------------------------",
    " 0)    <...>-7     =>    <...>-8    ",
    " ------------------------------------------",
    "",
    " 0)   0.005 us    |  third_function();",
    " 0)   0.077 us    |      } /* second_function */",
  ]);
});

test("as events in an instance: plain since 6.19, with the tracer's columns before", () => {
  const newer = madeLines(bytes, { asKernel: { release: "7.3.4" } });
  expect(newer[1]).toMatch(/1\.000000: {3}second_function\(\);$/);
  const older = payload(LE64, 11, 7, [
    [8, F1],
    [4, 1],
    [4, 0],
  ]);
  const image = madeImage(LE64, [(page) => page.event(0, older).event(0, leave(F1, 1, 250_000))]);
  expect(madeLines(image, {}, { release: "6.18.1" })[0]).toMatch(
    /1\.000000: {2}0\) ! 250\.000 us {2}\| {4}first_function\(\);$/,
  );
});

test("options by the tracer's names", () => {
  const line = (options: string): string => madeLines(bytes, { graph: parseGraphOptions(options) })[0]!;
  expect(line("no-cpu,no-duration")).toBe("first_function() {");
  expect(line("abstime,funcgraph-proc")).toBe(
    "    1.000000 |   0)    <...>-7     |               |  first_function() {",
  );
  expect(() => parseGraphOptions("sideways")).toThrow(/no option sideways/);
});

test("arguments are shown as numbers: their names are in the kernel's BTF only", () => {
  const args = [1n, 2n, 0xffff888100000000n, 4n, 5n, 6n].map((value) => [8, value] as const);
  const image = madeImage(LE64, [(page) => page.event(0, payload(LE64, 11, 7, [[8, F1], [8, 0], ...args]))]);
  expect(madeLines(image)[0]).toMatch(/first_function\(0x1, 0x2, 0xffff888100000000, 0x4, 0x5, 0x6\) \{$/);
  // Until 6.15 nobody looks behind a function's event.
  expect(madeLines(image, {}, { release: "6.14.1" })[0]).toMatch(/first_function\(\) \{$/);
});

test("a depth that cannot be does not fill the memory", () => {
  const image = madeImage(LE64, [(page) => page.event(0, enter(F1, 0x7fffffff)).event(0, enter(F1, -5))]);
  const lines = madeLines(image);
  expect(lines[0]!.length).toBeLessThan(9000);
  expect(lines[1]).toMatch(/: first_function\(\) \{$/);
});

test("durations and their marks", () => {
  expect(
    [0n, 1n, 999n, 12_345n, 123_456n, 1_234_567n, 12_345_678n, 1_234_567_890n, 12_345_678_901n].map(graphDuration),
  ).toEqual([
    "0.000 us    ",
    "0.001 us    ",
    "0.999 us    ",
    "12.345 us   ",
    "123.456 us  ",
    "1234.567 us ",
    "12345.67 us ",
    "1234567 us  ",
    "12345678 us ",
  ]);
  expect([10_000, 10_001, 100_001, 1_000_001, 10_000_001, 100_000_001, 1_000_000_001].map(overheadMark).join("")).toBe(
    " +!#*@$",
  );
});
