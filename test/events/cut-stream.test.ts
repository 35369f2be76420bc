import { expect, test } from "@jest/globals";
import { LearntNames, type NameChange } from "../../src/events/names.js";
import { csvParts } from "../../src/export/csv.js";
import { jsonParts } from "../../src/export/ndjson/stream.js";
import { type Parts, partBytes } from "../../src/export/parts.js";
import { textParts } from "../../src/export/text/stream.js";
import { UsageError } from "../../src/ground/errors.js";
import type { TraceSpec } from "../../src/trace/spec.js";
import type { Trace } from "../../src/trace/trace.js";
import { chosenDumps, dumpTrace } from "../support/exporting.js";
import type { Dump } from "../support/images.js";

/** Such as have more than one sub-buffer of a CPU. */
const DUMPS = chosenDumps(/^(v6.18-graph|s390x-7.2-sched|v7.3-read|v7.1-rewind)$/).filter(
  ({ name }) => !/-(few|empty)$/.test(name),
);

const LOOKS: Readonly<Record<string, (trace: Trace) => Parts>> = {
  text: (trace) => textParts(trace),
  latency: (trace) => textParts(trace, { latency: true }),
  raw: (trace) => textParts(trace, { raw: true, columns: ["task", "place"] }),
  json: (trace) => jsonParts(trace, { lines: false }),
  ndjson: (trace) => jsonParts(trace, { lines: true }),
  csv: (trace) => csvParts(trace),
};

const SPECS: readonly TraceSpec[] = [
  {},
  { consumed: true, cpus: [0] },
  { comms: ["*r*"] },
  { events: ["funcgraph_entry", "sched_*"] },
];

/** Undefined where the image has nothing of what is chosen. */
function traceOf(dump: Dump, spec: TraceSpec): Trace | undefined {
  try {
    return dumpTrace(dump, spec);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function whole(parts: Parts, trace: Trace): Buffer {
  return Buffer.concat(Array.from(partBytes(parts, trace.events()), (piece) => Buffer.from(piece)));
}

/** The same out of slices of so many sub-buffers, names learnt by slices of others. */
function sliced(parts: Parts, trace: Trace, subbufs: number): { bytes: Buffer; slices: number } {
  const cut = trace.cut()!;
  const { names } = trace;
  if (names instanceof LearntNames && !names.known) {
    const changes: NameChange[] = [];
    for (const slice of cut.slices(2 * subbufs)) {
      const hearer = names.partHearer();
      for (const event of cut.everyEvent(slice)) hearer.hear(event);
      changes.push(...(hearer.changes as NameChange[]));
    }
    names.adopt(changes);
  }
  const pieces: Buffer[] = [];
  const slices = cut.slices(subbufs);
  for (const slice of slices) {
    expect(cut.count(slice)).toBe([...cut.events(slice)].length);
    for (const piece of parts.pieces(cut.events(slice, { taking: parts.taking }), Number.POSITIVE_INFINITY))
      pieces.push(Buffer.from(piece));
  }
  const bytes = Buffer.concat(pieces).subarray(parts.lead);
  return {
    bytes: Buffer.concat([parts.head(), bytes, parts.end([]).foot]),
    slices: slices.length,
  };
}

test.each(DUMPS.map((dump) => [dump.name, dump] as const))("%s: slices make the same as all of it", (_, dump) => {
  let cuts = 0;
  for (const spec of SPECS) {
    const one = traceOf(dump, spec);
    const other = traceOf(dump, spec);
    if (one === undefined || other === undefined) continue;
    for (const [look, partsOf] of Object.entries(LOOKS)) {
      const made = sliced(partsOf(other), other, 5);
      cuts += made.slices - 1;
      const expected = whole(partsOf(one), one);
      if (!made.bytes.equals(expected))
        expect([look, spec, made.bytes.toString("latin1")]).toEqual([look, spec, expected.toString("latin1")]);
    }
  }
  expect(cuts).toBeGreaterThan(0);
});

test("what looks at events before is not cut", () => {
  const [dump] = DUMPS;
  for (const spec of [{ follow: 1 }, { depth: 1 }, { around: { at: "0x3000", context: 1 } }, { strict: true }])
    expect(dumpTrace(dump!, spec).cut()).toBeUndefined();
});
