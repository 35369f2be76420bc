import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { allStates } from "../reading/torn/states.js";
import { tear } from "../reading/torn/tear.js";
import { rbtool } from "../support/run.js";
import { schemaOf } from "../support/schema.js";

const [{ states }] = allStates() as [ReturnType<typeof allStates>[number]];
const work = mkdtempSync(join(tmpdir(), "rbtool-torn-"));
afterAll(() => rmSync(work, { recursive: true }));

const torn = join(work, "torn.bin");
const whole = join(work, "whole.bin");
writeFileSync(torn, tear(states, 1, "cache", 0.1));
writeFileSync(whole, states.at(-1)!);

interface Line {
  readonly doubt?: readonly string[];
  readonly timeBounds?: readonly [string, string];
}

async function lines(...args: string[]): Promise<string[]> {
  const { stdout } = await rbtool(["events", "--no-live", ...args, torn]);
  return stdout.split("\n").filter((line) => line !== "" && !line.includes(" EVENTS]") && !line.includes("TIME WENT"));
}
const json = async (...args: string[]): Promise<Line[]> =>
  (await lines("--json-lines", ...args)).map((line) => JSON.parse(line) as Line);

test("an estimated time has a ~ in front, a doubtful event a ? behind the columns; nothing else moves", async () => {
  const told = await json();
  const text = await lines("--no-header");
  expect(text.length).toBe(told.length);
  const marks = text.map((line) => {
    const found = /^.{24} \[\d{3}\] \S{5} ( *)(~?)\d+\.\d{6}: (\? )?/.exec(line);
    expect(`${found?.[1]}${found?.[2]}`.length).toBeGreaterThanOrEqual(1);
    return { estimate: found?.[2] === "~", doubt: found?.[3] !== undefined };
  });
  expect(marks).toEqual(
    told.map(({ timeBounds, doubt }) => ({ estimate: timeBounds !== undefined, doubt: doubt !== undefined })),
  );
  expect(marks.filter(({ estimate }) => estimate).length).toBeGreaterThan(100);
  expect(marks.filter(({ doubt }) => doubt).length).toBeGreaterThan(10);
});

test("--sure leaves the doubtful ones out, and its header does not speak of them", async () => {
  const all = await json();
  const sure = await json("--sure");
  expect(sure).toEqual(all.filter(({ doubt }) => doubt === undefined));
  expect(sure.length).toBeLessThan(all.length);
  const header = async (...args: string[]) =>
    (await lines("--head", "1", ...args)).filter((line) => /^# [~?]/.test(line));
  expect(await header()).toHaveLength(2);
  expect(await header("--sure")).toHaveLength(1);
  const total = async (...args: string[]) =>
    (JSON.parse((await rbtool(["stats", "--no-live", "--json", ...args, torn])).stdout) as { total: number }).total;
  expect(await total()).toBe(all.length);
  expect(await total("--sure")).toBe(sure.length);
});

test("the latency format and chosen columns have the marks too", async () => {
  const told = await json();
  const estimates = told.filter(({ timeBounds }) => timeBounds !== undefined).length;
  const doubts = told.filter(({ doubt }) => doubt !== undefined).length;
  for (const view of [["--latency"], ["--columns", "time"], ["--ns"]]) {
    const text = await lines("--no-header", ...view);
    expect(text.filter((line) => / *~\d+(us|\.\d+)/.test(line)).length).toBe(estimates);
    expect(text.filter((line) => line.includes(": ? ")).length).toBe(doubts);
  }
});

test("the document with bounds and doubts is what its schema says", async () => {
  const document = JSON.parse((await rbtool(["events", "--no-live", "--json", torn])).stdout) as { events: Line[] };
  expect(document.events.some(({ timeBounds, doubt }) => timeBounds !== undefined && doubt !== undefined)).toBe(true);
  expect(schemaOf("events")(document)).toEqual([]);
});

test("a whole image has no marks", async () => {
  const { stdout } = await rbtool(["events", "--no-live", whole]);
  expect(stdout).not.toMatch(/^# [~?]/m);
  expect(stdout).not.toMatch(/~\d+\.\d{6}: |: \? /);
});

test.each([
  [["--as-kernel", "--kernel", "7.3.4", "--sure"], "not with --as-kernel"],
  [["--strict", "--sure"], "--sure cannot be combined with --strict"],
])("%s is refused", async (args, message) => {
  const { stderr, status } = await rbtool(["events", "--no-live", ...args, torn]);
  expect([status, stderr.includes(message)]).toEqual([2, true]);
});

test("inspect tells what the damage looks like, and shows each CPU's ring, in any window", async () => {
  const { torn: told, cpus } = JSON.parse((await rbtool(["inspect", "--json", torn])).stdout);
  const [{ kind, places }] = told.kinds;
  expect(kind).toBe("stale-lines");
  for (const columns of [200, 80, 50]) {
    const { stdout } = await rbtool(["inspect", torn], { columns });
    const text = stdout.replace(/\x1b\[\d+m/g, "");
    expect(text.replace(/\s+/g, " ")).toContain(
      `torn memory ${places} places look like cache lines of 64 bytes that were not written back`,
    );
    for (const { cpu, ring } of cpus) {
      const strip = new RegExp(`^CPU ${cpu}  ((?:[=x.-]+\\n {7})*[=x.-]+)$`, "m").exec(text)?.[1];
      expect(strip?.replace(/\s/g, "")).toBe(
        ring.replace(/[utce]/g, (letter: string) => ({ u: "=", t: "x", c: "-", e: "." })[letter]!),
      );
    }
    for (const line of text.split("\n").filter((line) => !line.startsWith("error")))
      expect(line.length).toBeLessThanOrEqual(columns);
  }
});
