import type { TraceEvent } from "../events/event.js";
import type { TextSink } from "../print/text-sink.js";
import { traceHeader } from "../text/header.js";
import { KernelLine } from "../text/line.js";
import { backwardsLine, traceBytes } from "../text/trace-text.js";
import type { Trace } from "../trace.js";
import type { Exported, Sink } from "./format.js";

/** The lines that `events` prints: as the kernel's `trace` file, marks of torn memory included. */
export async function writeText(trace: Trace, sink: Sink): Promise<Exported> {
  const { onlineCpus } = trace;
  const entries = trace.entries();
  const { estimates, doubts } = trace.marks();
  const marks = [
    ...(estimates ? ["# ~ before a time: an estimate\n"] : []),
    ...(doubts ? ["# ? before an event: it may hold bytes of another moment\n"] : []),
    ...(estimates || doubts ? ["#\n"] : []),
  ].join("");
  await sink.write(
    Buffer.from(traceHeader({ entries, written: entries, onlineCpus, irqInfo: true, marks }), "latin1"),
    0,
  );
  const line = new KernelLine(trace);
  const before = (event: TraceEvent, out: TextSink): void => line.before(event, out);
  const events = trace.events();
  const backwards = (cpu: number, units: number): string => backwardsLine(trace.inNs, cpu, units);
  for (const chunk of traceBytes({ events, text: trace.text, before, lost: true, backwards }))
    await sink.write(chunk, events.given);
  return { events: events.given, shortfalls: [] };
}
