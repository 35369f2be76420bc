import { expect, test } from "@jest/globals";
import { doubtsOf } from "../../src/events/event.js";
import { KeptEvent } from "../../src/events/kept-event.js";
import { eventsJson } from "../../src/export/ndjson/stream.js";
import { eventsText } from "../../src/export/text/stream.js";
import { openTrace } from "../../src/trace/open.js";
import type { TraceSpec } from "../../src/trace/spec.js";
import { exported } from "../support/exporting.js";
import { story } from "../support/story.js";
import { eventsOf, parseV7 } from "../support/trace-dat.js";

/** Two kinds of event, of which one may be another: the order in which modules were loaded is not certain. */
const sure = story([
  [0, 10, 1, "sched_waking"],
  [0, 20, 1, "sched_switch"],
  [0, 30, 1, "sched_waking"],
]);
const waking = sure.events().next()!.type;
const doubted = (spec: TraceSpec = {}) =>
  openTrace(sure.image, { ...sure.writer, doubtful: new Set([waking, 9999]) }, spec);
const textOf = (trace: typeof sure): string[] => {
  let text = "";
  for (const chunk of eventsText(trace)) text += chunk.toString("latin1");
  return text.split("\n").filter((line) => line.includes("sched_") || line.includes(" ? "));
};

test("a line says of each event whether its number may be another's", () => {
  const lines = textOf(doubted());
  expect(lines[0]).toMatch(/^# \? before an event: the modules' load order is in doubt/);
  expect(lines.slice(1).map((line) => /(\? )?sched_\w+/.exec(line)?.[0])).toEqual([
    "? sched_waking",
    "sched_switch",
    "? sched_waking",
  ]);
  expect(textOf(sure).some((line) => line.includes("?"))).toBe(false);
});

test("JSON names the doubt, and an event that is kept keeps it", () => {
  let text = "";
  for (const chunk of eventsJson(doubted(), { lines: true })) text += chunk.toString("utf8");
  const doubts = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).doubt);
  expect(doubts).toEqual([["module-order"], undefined, ["module-order"]]);
  expect(doubtsOf(KeptEvent.of(doubted().events().next()!))).toEqual(["module-order"]);
});

test("--sure leaves such events out", () => {
  const lines = textOf(doubted({ sure: true }));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("sched_switch");
});

test("trace.dat has them in a buffer of their own", async () => {
  const { bytes } = await exported("trace.dat", doubted());
  const file = parseV7(bytes);
  const typesIn = (buffer: string): number[] => Array.from(eventsOf(bytes, file, buffer), ({ type }) => type);
  const types = Array.from(sure.events(), ({ type }) => type);
  expect(typesIn("doubtful")).toEqual(types.filter((type) => type === waking));
  expect(typesIn("")).toEqual(types.filter((type) => type !== waking));
  expect([...parseV7((await exported("trace.dat", sure)).bytes).buffers.keys()]).toEqual([""]);
});
