import { expect, test } from "@jest/globals";
import { eventsText, type TextLook } from "../../src/export/text/stream.js";
import { GRAPH_DEFAULTS } from "../../src/text/graph-options.js";
import { parseTraceOptions } from "../../src/text/trace-options.js";
import type { TraceSpec } from "../../src/trace/spec.js";
import type { Trace } from "../../src/trace/trace.js";
import { chosenDumps, dumpTrace } from "../support/exporting.js";

const dumps = chosenDumps(/^v7\.3-graph$/);

function textOf(trace: Trace, look: TextLook): string {
  const pieces: string[] = [];
  for (const bytes of eventsText(trace, { ...look, noHeader: true })) pieces.push(bytes.toString("latin1"));
  return pieces.join("");
}

const asKernel = { release: "7.3.4" };
const VIEWS: readonly (readonly [string, TraceSpec, TextLook])[] = [
  ["plain", {}, {}],
  ["graph", { graph: GRAPH_DEFAULTS }, {}],
  ["graph without interrupts", { graph: { ...GRAPH_DEFAULTS, irqs: false, proc: true } }, {}],
  ["deltas", {}, { columns: ["time", "delta"] }],
  ["latency", {}, { latency: true }],
  ["verbose", { asKernel, traceOptions: parseTraceOptions("latency-format,verbose") }, {}],
  ["bin", { asKernel, traceOptions: parseTraceOptions("bin,nocontext-info") }, {}],
  ["filtered", { filter: "common_pid != 0" }, {}],
];

for (const dump of dumps)
  for (const [name, spec, look] of VIEWS)
    test(`${dump.name}, ${name}: the last events are the end of all of them`, () => {
      const all = textOf(dumpTrace(dump, spec), look);
      for (const tail of [0, 1, 100]) {
        const some = textOf(dumpTrace(dump, spec), { ...look, tail });
        expect(all.endsWith(some)).toBe(true);
        expect(some === "").toBe(tail === 0 || all === "");
      }
      expect(textOf(dumpTrace(dump, spec), { ...look, tail: 1e9 })).toBe(all);
    });

test("of what comes before no text is made", () => {
  const trace = dumpTrace(dumps[0]!);
  let made = 0;
  const { text } = trace;
  const write = text.write.bind(text);
  text.write = (...args: Parameters<typeof write>) => {
    made++;
    write(...args);
  };
  textOf(trace, { tail: 3 });
  expect(made).toBeLessThanOrEqual(3);
});
