import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import * as rbtool from "../../src/index.js";
import { fixture } from "../support/images.js";

const library = new Map<string, unknown>(Object.entries(rbtool));
const { buildContext, eventsJson, openImage, openTrace, stats, writingKernel } = rbtool;

/** As a program would that has rbtool as a library. */
async function open(spec: rbtool.TraceSpec = {}) {
  const image = await openImage(fixture("v7.3-read").bytes());
  return openTrace(image, writingKernel(buildContext({ formats: [] }, image.layout.abi)), spec);
}

test("the example of the library's front door does what it says", async () => {
  const text = readFileSync(join(import.meta.dirname, "../../src/index.ts"), "utf8");
  const example = /openTrace\(\)[\s\S]*?```ts\n([\s\S]*?)```/.exec(text)![1]!.replace(/^ \* ?/gm, "");
  const [, names] = /^import \{ (.*) \} from "rbtool";$/m.exec(example)!;
  const told: unknown[][] = [];
  const body = example.replace(/^import.*$/m, "").replace('"dump.bin"', "bytes");
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
    ...args: string[]
  ) => (...args: unknown[]) => Promise<void>;
  await new AsyncFunction(...names!.split(", "), "bytes", "console", body)(
    ...names!.split(", ").map((name) => library.get(name)),
    fixture("v7.3-read").bytes(),
    { log: (...args: unknown[]) => told.push(args) },
  );
  const trace = await open({ cpus: [0], last: "2s" });
  expect(told.length - 1).toBe(stats(trace).total);
  expect(told.length).toBeGreaterThan(10);
  for (const [time, cpu, name] of told.slice(0, -1)) {
    expect(typeof time).toBe("bigint");
    expect(cpu).toBe(0);
    expect(typeof name).toBe("string");
  }
  expect(told.at(-1)).toEqual([trace.coverage.common, stats(trace).rate]);
});

test("what is wanted is plain data: a copy of it, or its JSON, chooses the same events", async () => {
  const spec: rbtool.TraceSpec = { cpus: [1], events: ["*"], filter: "common_pid >= 0", since: "-1s", names: "none" };
  const places = (trace: rbtool.Trace) => Array.from(trace.events(), ({ offset }) => offset);
  const chosen = places(await open(spec));
  expect(chosen.length).toBeGreaterThan(0);
  expect(chosen.length).toBeLessThan(places(await open()).length);
  expect(places(await open(structuredClone(spec)))).toEqual(chosen);
  expect(places(await open(JSON.parse(JSON.stringify(spec)) as rbtool.TraceSpec))).toEqual(chosen);
});

test("a trace gives its events as often as one asks, and JSON of the same", async () => {
  const trace = await open({ cpus: [0] });
  const first = Array.from(trace.events(), ({ position }) => position);
  expect(Array.from(trace.events(), ({ position }) => position)).toEqual(first);
  let lines = "";
  for (const chunk of eventsJson(trace, { lines: true })) lines += chunk.toString("latin1");
  expect(lines.split("\n").length - 1).toBe(first.length);
});
