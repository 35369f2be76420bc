import { fitText } from "../../derive/fit-report.js";
import { safeByteLines, safeBytes } from "../../ground/safe-text.js";
import { isX86Machine } from "../../machine/x86.js";
import { graphHeader } from "../../text/graph-header.js";
import { LATENCY_LEGEND, LEGEND_WIDTH, optionsHeader, traceHeader } from "../../text/header.js";
import { kernelView } from "../../text/kernel-view.js";
import { ChosenLine, type ColumnName, KernelLine, LatencyLine } from "../../text/line.js";
import { rawBody } from "../../text/raw.js";
import { TRACE_OPTION_DEFAULTS } from "../../text/trace-options.js";
import { backwardsLine, lineSink, type TraceTextOptions, traceBytes } from "../../text/trace-text.js";
import type { Trace } from "../../trace/trace.js";
import { type Parts, partBytes } from "../parts.js";
import { inRows } from "../rows.js";
import { inWindow } from "./in-window.js";
import { marksLegend } from "./marks.js";
import { painted } from "./paint.js";

/** How the text of a trace is to look. Plain data; without anything it is the kernel's `trace` file. */
export interface TextLook {
  /** Columns before the event, in place of the kernel's. */
  readonly columns?: readonly ColumnName[] | undefined;
  /** The latency format's columns; as a kernel prints them, that is one of the trace options. */
  readonly latency?: boolean | undefined;
  /** Fields as plain numbers in place of the print format; as a kernel prints them, that is a trace option too. */
  readonly raw?: boolean | undefined;
  /** Events only, without what stands above them. */
  readonly noHeader?: boolean | undefined;
  /** Nothing in it can control a terminal. */
  readonly safe?: boolean | undefined;
  /** Columns of the window that it is for: longer lines continue below. Not as a kernel prints them. */
  readonly window?: number | undefined;
  /** With colours, and with what is known of the whole trace in the head: for a person at a terminal. */
  readonly colors?: boolean | undefined;
  readonly facts?: boolean | undefined;
  /** Stops after so many events. */
  readonly head?: number | undefined;
  /** Only the last so many. */
  readonly tail?: number | undefined;
}

/** The lines that `events` prints, of any slice of a trace. */
export function textParts(trace: Trace, look: TextLook = {}): Parts {
  const { asKernel, graph } = trace.spec;
  const window = asKernel ? undefined : look.window;
  const { head, tail, raw, columns } = look;
  // What a slice begins with may hang on the lines before.
  const apart = [head, tail, asKernel, graph].every((each) => each === undefined) && !columns?.includes("delta");
  const options = optionsOf(trace, { ...look, window });
  const out = lineSink();
  return inRows({
    head: () => (look.noHeader ? "" : headerOf(trace, { ...look, window })),
    apart,
    taking: raw ? undefined : trace.text.graph,
    pieces: (events) => traceBytes(options, events, out),
  });
}

/**
 * The text of a trace, in chunks, each valid until the next is asked for: one character a byte, as the kernel writes it.
 */
export function* eventsText(trace: Trace, look: TextLook = {}, events = trace.events()): Generator<Buffer> {
  yield* partBytes(textParts(trace, look), events);
}

function optionsOf(trace: Trace, look: TextLook): TraceTextOptions {
  const { asKernel, graph } = trace.spec;
  return {
    text: trace.text,
    ...linesOf(trace, look),
    lost: true,
    backwards: asKernel ? undefined : (cpu, units) => backwardsLine(trace.inNs, cpu, units),
    asGraph: graph !== undefined,
    cut: asKernel !== undefined,
    clean: cleanerOf(look),
    head: look.head,
    tail: look.tail === undefined ? undefined : { count: look.tail, again: () => trace.events() },
  };
}

function cleanerOf({ safe, colors, window }: TextLook): ((text: string) => string) | undefined {
  const steps: ((text: string) => string)[] = [];
  if (safe) steps.push(safeByteLines);
  if (colors) steps.push(painted);
  if (window !== undefined) steps.push((text) => inWindow(text, window));
  return steps.length === 0 ? undefined : (text) => steps.reduce((done, step) => step(done), text);
}

/** The columns, and what takes the place of the events' own text. */
function linesOf(
  trace: Trace,
  look: TextLook,
): Pick<TraceTextOptions, "before" | "latency" | "body" | "pass" | "mayBeEmpty"> {
  const { asKernel, traceOptions = TRACE_OPTION_DEFAULTS } = trace.spec;
  const sources = { ...trace, clean: look.safe ? safeBytes : undefined };
  if (asKernel && look.columns === undefined) return kernelView(sources, trace.text, traceOptions);
  const latency = look.latency ? new LatencyLine(sources) : undefined;
  const { headerSize } = trace.image.subbufs;
  const chosen = latency || !look.columns ? undefined : new ChosenLine(sources, look.columns, headerSize);
  const line = latency ?? chosen ?? new KernelLine(sources);
  return {
    before: (event, out) => line.before(event, out),
    pass: chosen === undefined ? undefined : (event) => chosen.pass(event),
    latency,
    body: look.raw ? rawBody(trace) : undefined,
  };
}

function headerOf(trace: Trace, look: TextLook): string {
  const { asKernel, graph, sure, traceOptions = TRACE_OPTION_DEFAULTS } = trace.spec;
  const found = trace.marks();
  // The times of a graph are durations, and what is in doubt may have been left out.
  const marks = marksLegend({
    estimates: found.estimates && graph === undefined,
    doubts: found.doubts && !sure,
    order: found.order && !sure,
  });
  if (graph !== undefined) return marks + graphHeader(graph);
  if (look.latency && !asKernel) return marks + LATENCY_LEGEND;
  if (look.columns !== undefined) return marks;
  const entries = trace.entries();
  const { onlineCpus, release = "" } = trace;
  const { irqInfo, recordTgid } = traceOptions;
  const known = look.facts && !asKernel ? wholeTrace(trace) : "";
  const { window = Number.POSITIVE_INFINITY } = look;
  const head = { entries, written: entries, onlineCpus, irqInfo, tgid: recordTgid, marks: marks + known };
  if (asKernel) {
    const { image, booted } = trace;
    const isX86 = isX86Machine(image.layout.abi, booted?.virt ?? 0n, image.scratch?.textAddress ?? 0n);
    const said = optionsHeader(
      { ...head, isX86, longSize: image.layout.abi.longSize },
      release,
      traceOptions,
      trace.rules,
    );
    return look.safe ? safeByteLines(said) : said;
  }
  return inWindow(traceHeader({ ...head, narrow: window < LEGEND_WIDTH }), window);
}

/** What the times cover, and how the formats fit the records. */
function wholeTrace(trace: Trace): string {
  const { coverage, time } = trace;
  const lines: string[] = [];
  const at = (value: bigint): string => time.exactText(value).trim();
  if (coverage.common !== undefined)
    lines.push(`all CPUs with events are covered from ${at(coverage.common.first)} to ${at(coverage.common.last)}`);
  // Without formats there is nothing to fit: that they are missing is told by itself.
  if (trace.writer.formats.size > 0) lines.push(fitText(trace.fit()));
  return lines.length === 0 ? "" : `${lines.map((line) => `# ${line}\n`).join("")}#\n`;
}
