import { isDoubtful, type TraceEvent } from "../events/event.js";
import type { EventStream } from "../events/stream.js";
import { TextSink } from "../print/text-sink.js";
import type { EventText } from "./event-text.js";
import type { LatencyLine } from "./line.js";

/** Text is handed on when this much has come together. */
const CHUNK = 128 * 1024;
/** Room for the line that goes beyond. */
const SPARE = 16 * 1024;
/** Lines longer than this are looked at: a trace_seq may not hold them. */
const LONG_LINE = 8000;
const NEWLINE = 10;
/** Stands behind the columns of a line that may hold foreign bytes; a graph has it as a comment. */
const DOUBT = "? ";
const GRAPH_DOUBT = " /* ? */\n";

/** How the lines of a trace are made. One object for all its slices: code is compiled for the shape of the one it saw. */
export interface TraceTextOptions {
  readonly text: EventText;
  /** Writes the columns before an event's own text. */
  before(event: TraceEvent, out: TextSink): void;
  /** `CPU:n [LOST m EVENTS]` (print_trace_line(), kernel/trace/trace.c). */
  readonly lost: boolean;
  /** Says where a CPU's time goes backwards, which the kernel does not; given how far, in units of the clock. */
  readonly backwards?: ((cpu: number, units: number) => string) | undefined;
  /** What before() remembers of an event that has no line. */
  readonly pass?: ((event: TraceEvent) => void) | undefined;
  /** Of some events there may be nothing to write, and only writing them tells which. */
  readonly mayBeEmpty?: boolean | undefined;
  /** The latency format: the time stands behind before(), and a mark for how long it is to the next event. */
  readonly latency?: LatencyLine | undefined;
  /** The text of an event in place of its own. */
  readonly body?: ((event: TraceEvent, type: number) => string) | undefined;
  /** The function_graph tracer's output: no columns of ours. */
  readonly asGraph?: boolean | undefined;
  /** A kernel's line is cut where its buffer ends. */
  readonly cut?: boolean | undefined;
  /** Makes text safe for a terminal; lines are one character a byte. */
  readonly clean?: ((text: string) => string) | undefined;
  /** Stops after so many events. */
  readonly head?: number | undefined;
  /** Only the last so many: of those before no line is made. All of them are counted first, in a stream of their own. */
  readonly tail?: { readonly count: number; again(): EventStream } | undefined;
}

/** Room for the lines of a chunk. */
export function lineSink(): TextSink {
  return new TextSink(CHUNK + SPARE);
}

/**
 * The lines of a trace, one character a byte, in chunks that are valid until the next is asked for. Each event's lines come
 * with the annotations before it. Lines are written in place, without strings: that is what makes reading a large image
 * quick.
 * @param events those that it leaves out take their lost-events line with them
 * @param out where the lines are made: memory that was used before is quicker
 */
export function* traceBytes(options: TraceTextOptions, events: EventStream, out = lineSink()): Generator<Buffer> {
  const lines = new Lines(options, events, out);
  const { tail, text } = options;
  if (tail !== undefined) {
    const all = new Lines({ ...options, pass: undefined }, tail.again(), out).pass(Number.POSITIVE_INFINITY);
    text.graph.forget();
    lines.pass(all - tail.count);
  }
  while (lines.fill()) yield out.take();
  if (out.at > 0) yield out.take();
}

/** Makes the lines of one event after the other. */
class Lines {
  private shown = 0;
  /** By CPU, of the last event: NaN before there is one. */
  private times = new Float64Array(64).fill(Number.NaN);

  constructor(
    private readonly options: TraceTextOptions,
    private readonly events: EventStream,
    private readonly out: TextSink,
  ) {}

  /**
   * Writes events until there is enough to hand on; false at the end of the trace. A loop of its own: in a generator, which is
   * entered once, it is compiled as long as it runs and begins anew with each slice.
   */
  fill(): boolean {
    const { events, out } = this;
    const { clean, head = Number.POSITIVE_INFINITY } = this.options;
    while (this.shown < head) {
      const event = events.next();
      if (event === undefined) return false;
      const from = out.at;
      this.write(event);
      if (out.at === from) continue;
      if (clean !== undefined) out.replace(from, clean(out.string(from)));
      if (out.at >= CHUNK) return true;
    }
    return false;
  }

  /** Passes over events until so many have gone of which there is something to write; how many there were. */
  pass(most: number): number {
    const { events } = this;
    const { head = Number.POSITIVE_INFINITY } = this.options;
    let passed = 0;
    while (this.shown < head && passed < most) {
      const event = events.next();
      if (event === undefined) break;
      if (this.skip(event)) passed++;
    }
    return passed;
  }

  /** Does for an event all that the lines of later ones hang on; whether there is something to write of it. */
  private skip(event: TraceEvent): boolean {
    const { options, events, out } = this;
    const { text, latency, body, asGraph, mayBeEmpty } = options;
    const from = out.at;
    if (mayBeEmpty) {
      this.write(event);
      const some = out.at > from;
      out.at = from;
      return some;
    }
    // As write() does: what has been looked at ahead is read by other steps.
    if (latency !== undefined) events.nextTime();
    this.annotations(event);
    this.shown++;
    const some = out.at > from;
    out.at = from;
    const { type } = event;
    const ownColumns = !asGraph || isStackOrFunction(text.builtin(type));
    if (ownColumns) options.pass?.(event);
    if (body === undefined && text.graph.isGraph(type)) return text.graph.pass(event, events) || some;
    if (!ownColumns) text.graph.passComment(event);
    return true;
  }

  /** Writes the lines of an event. */
  private write(event: TraceEvent): void {
    const { options, events, out } = this;
    const { text, latency, asGraph } = options;
    const { type } = event;
    const from = out.at;
    // Before a graph entry takes its return, as trace_find_next_entry() does.
    const next = latency === undefined ? undefined : events.nextTime();
    this.annotations(event);
    this.shown++;
    const ownColumns = !asGraph || isStackOrFunction(text.builtin(type));
    if (ownColumns) options.before(event, out);
    let bodyAt = out.at;
    if (ownColumns && isDoubtful(event)) out.text(DOUBT);
    if (options.body === undefined && text.graph.isGraph(type)) out.text(text.graph.print(event, events));
    else {
      if (options.body !== undefined) out.text(options.body(event, type));
      else text.write(event, type, out);
      if (!ownColumns) out.replace(bodyAt, text.graph.comment(event, withoutName(out.string(bodyAt), text, type)));
    }
    if (latency !== undefined) {
      const body = out.string(bodyAt);
      out.replace(bodyAt, latency.time(event, (next ?? event.t) - event.t));
      bodyAt = out.at;
      out.text(body);
    }
    if (!ownColumns && out.at > bodyAt && isDoubtful(event)) {
      out.dropLast(from, NEWLINE);
      out.text(GRAPH_DOUBT);
    }
    if (options.cut && out.at - from > LONG_LINE) {
      const body = out.string(bodyAt);
      out.at = bodyAt;
      out.replace(from, text.fit(out.string(from), body, type, ownColumns ? event : undefined));
    }
  }

  private annotations(event: TraceEvent): void {
    const { out } = this;
    const { lost, backwards } = this.options;
    if (event.lost !== 0 && lost) out.text(lostLine(event));
    if (backwards !== undefined) {
      const { cpu, t } = event;
      if (cpu >= this.times.length) this.times = longer(this.times, cpu);
      const before = this.times[cpu]!;
      if (t < before) out.text(backwards(cpu, before - t));
      this.times[cpu] = t;
    }
  }
}

function longer(times: Float64Array, cpu: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(2 * cpu).fill(Number.NaN);
  grown.set(times);
  return grown;
}

/** The function_graph tracer prints these as lines of their own, not as comments (print_graph_function_flags()). */
function isStackOrFunction(name: string | undefined): boolean {
  return name === "kernel_stack" || name === "function";
}

/** print_graph_comment() shows the message of a trace_printk alone. */
function withoutName(body: string, text: EventText, type: number): string {
  const name = text.builtin(type);
  return name === "print" || name === "bprint" || name === "bputs" ? body.slice(body.indexOf(": ") + 2) : body;
}

function lostLine(event: TraceEvent): string {
  return event.lost < 0 ? `CPU:${event.cpu} [LOST EVENTS]\n` : `CPU:${event.cpu} [LOST ${event.lost} EVENTS]\n`;
}

/** Says where a CPU's time goes back, and by how much. */
export function backwardsLine(inNs: boolean, cpu: number, units: number): string {
  return inNs
    ? `CPU:${cpu} [TIME WENT BACK ${(units / 1e9).toFixed(9)} s]\n`
    : `CPU:${cpu} [TIME WENT BACK ${units}]\n`;
}
