import { expect, test } from "@jest/globals";
import { compileFormat } from "../../src/print/compile.js";
import { parseFormat } from "../../src/system/formats/parse-format.js";
import { FormatTable } from "../../src/system/formats/table.js";
import { parseCmdlines } from "../../src/system/symbols/cmdlines.js";
import { formatText, LE64 } from "../support/formats.js";
import { madeImage, madeLines, payload } from "../support/made-events.js";

const LONG = "n".repeat(1_000_000);

test("names that no kernel has are refused, and said to be so; of tasks, passed over", () => {
  expect(() => parseFormat(formatText([], '""', LONG), LE64)).toThrow(/a name of 1000000 bytes, nnn/);
  const field = formatText([[`int ${LONG.slice(0, 600)}`, 8, 4, 1]], '""', "event");
  expect(() => parseFormat(field, LE64)).toThrow(/a name of a field of 600 bytes, nnn/);
  const table = new FormatTable(LE64);
  table.add({ bytes: Buffer.from(formatText([], '""', LONG)), system: "test", path: "events/test/long/format" });
  expect(table.size).toBe(0);
  expect(table.problems.map(({ event }) => event)).toEqual(["events/test/long/format"]);
  expect(table.problems[0]!.message).toMatch(/^a name of 1000000 bytes/);
  expect([...parseCmdlines(`1 init\n2 ${LONG}\n3 ${LONG.slice(0, 63)}\n`).keys()]).toEqual([1, 3]);
});

const failureOf = (printFmt: string) =>
  compileFormat(parseFormat(formatText([], printFmt), LE64), { abi: LE64 }).failure;

test("a print format that writes more than any line is not used", () => {
  expect(failureOf(`"${"x".repeat(20_000)}"`)).toMatch(/a print format of 20000 characters/);
  expect(failureOf(`"${"%8000d".repeat(3)}", 1, 2, 3`)).toMatch(/a print format of 24000 characters/);
  expect(failureOf(`"${"%d".repeat(1025)}"${", 1".repeat(1025)}`)).toMatch(/1025 conversions/);
  expect(failureOf('"%8000d", 1')).toBeUndefined();
});

test("a record's text is bounded by the record", () => {
  const printFmt = `"${"%s".repeat(1000)}"${", REC->text".repeat(1000)}`;
  const format = parseFormat(formatText([["char text[100]", 8, 100, 1]], printFmt), LE64, "test");
  const bytes = madeImage(LE64, [(page) => page.event(10, payload(LE64, 1000, 1, ["y".repeat(99)]))]);
  const line = madeLines(bytes, {}, { formats: new Map([[1000, format]]) }).at(-1)!;
  expect(line.length).toBeLessThan(30_000);
  expect(line).toMatch(/y\[LINE TOO BIG\]$/);
});
