import type { Merge } from "../read/merge.js";
import type { RingIter } from "../read/ring-iter.js";
import type { Comms } from "./comms.js";
import type { EventText } from "./event-text.js";
import type { LatencyLine } from "./line.js";

/** Which events are shown. Called with the iterator at the event. */
export type EventTest = (event: RingIter, type: number) => boolean;

/** Text is handed on when this much has come together. */
const CHUNK = 128 * 1024;
/** Lines longer than this are looked at: a trace_seq may not hold them. */
const LONG_LINE = 8000;

export interface TraceTextOptions {
  readonly merge: Merge;
  readonly text: EventText;
  readonly comms: Comms;
  /** The columns before an event's own text. */
  before(event: RingIter): string;
  /** Events that are left out take their lost-events line with them. */
  readonly test?: EventTest | undefined;
  /** `CPU:n [LOST m EVENTS]` (print_trace_line(), kernel/trace/trace.c). */
  readonly lost: boolean;
  /** `##### CPU n buffer started ####` where a CPU's first event comes (test_cpu_buff_start()). */
  readonly annotate?: boolean | undefined;
  /** Says where a CPU's time goes backwards, which the kernel does not; given how far, in units of the clock. */
  readonly backwards?: ((cpu: number, units: number) => string) | undefined;
  /** The latency format: the time stands behind before(), and a mark for how long it is to the next event. */
  readonly latency?: LatencyLine | undefined;
  /** The text of an event in place of its own. */
  readonly body?: ((event: RingIter, type: number) => string) | undefined;
  /** The function_graph tracer's output: no columns of ours. */
  readonly asGraph?: boolean | undefined;
  /** A kernel's line is cut where its buffer ends. */
  readonly cut?: boolean | undefined;
  /** Makes text safe for a terminal; lines are one character a byte. */
  readonly clean?: ((text: string) => string) | undefined;
  /** Stops after so many events. */
  readonly head?: number | undefined;
  /** Only the last so many, which are kept until then. */
  readonly tail?: number | undefined;
}

/** The lines of a trace, one character a byte, in chunks. Each event's lines come with the annotations before it. */
export function* traceText(options: TraceTextOptions): Generator<string> {
  for (const bytes of traceBytes(options)) yield bytes.toString("latin1");
}

/**
 * The same as bytes. Each line is copied out as soon as it is made: that is quicker than flattening a long string, and
 * what it was made of can be forgotten at once.
 */
export function* traceBytes(options: TraceTextOptions): Generator<Buffer> {
  const { clean, tail, merge } = options;
  const lines = new Lines(options);
  const head = options.head ?? Number.POSITIVE_INFINITY;
  const kept: string[] = [];
  let at = 0;
  let chunk = Buffer.allocUnsafeSlow(CHUNK);
  let used = 0;
  while (lines.shown < head) {
    const event = merge.next();
    if (event === undefined) break;
    const made = lines.next(event);
    if (tail !== undefined) {
      if (made !== "" && tail > 0) kept[at++ % tail] = made;
      continue;
    }
    const line = clean === undefined ? made : clean(made);
    if (line.length > CHUNK - used) {
      if (used > 0) yield chunk.subarray(0, used);
      chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK, line.length));
      used = 0;
    }
    used += chunk.write(line, used, "latin1");
  }
  if (used > 0) yield chunk.subarray(0, used);
  const first = tail !== undefined && at > tail ? at % tail : 0;
  for (const line of [...kept.slice(first), ...kept.slice(0, first)])
    yield Buffer.from(clean === undefined ? line : clean(line), "latin1");
}

/** Makes the lines of one event after the other. */
class Lines {
  shown = 0;
  private readonly started = new Set<number>();
  private readonly times: number[] = [];

  constructor(private readonly options: TraceTextOptions) {}

  /** The lines of an event, which is left behind; none when it is left out. */
  next(event: RingIter): string {
    const { options } = this;
    const { text, comms, test, latency, asGraph } = options;
    const type = event.type;
    comms.observe(event, type);
    if (test !== undefined && !test(event, type)) {
      if (!text.graph.isGraph(type)) comms.settle(event, type);
      event.advance();
      return "";
    }
    let line = this.annotations(event);
    this.shown++;
    const time = event.t;
    const exact = latency === undefined ? 0n : event.exactTime();
    if (!asGraph || isStackOrFunction(text.builtin(type))) line += options.before(event);
    let body: string;
    if (options.body === undefined && text.graph.isGraph(type)) body = text.graph.print(event);
    else {
      body = options.body?.(event, type) ?? text.body(event, type);
      if (asGraph && !isStackOrFunction(text.builtin(type)))
        body = text.graph.comment(event, withoutName(body, text, type));
      comms.settle(event, type);
      event.advance();
    }
    if (latency !== undefined) line += latency.time(exact, (options.merge.next()?.t ?? time) - time);
    if (options.cut && line.length + body.length > LONG_LINE) return text.fit(line, body, type);
    return line + body;
  }

  private annotations(event: RingIter): string {
    const { lost, backwards, annotate } = this.options;
    let line = event.lost !== 0 && lost ? lostLine(event) : "";
    if (backwards !== undefined) {
      const before = this.times[event.cpu];
      if (before !== undefined && event.t < before) line += backwards(event.cpu, before - event.t);
      this.times[event.cpu] = event.t;
    }
    if (annotate && !this.started.has(event.cpu)) {
      this.started.add(event.cpu);
      if (this.shown > 0) line += `##### CPU ${event.cpu} buffer started ####\n`;
    }
    return line;
  }
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

export function lostLine(event: RingIter): string {
  return event.lost < 0 ? `CPU:${event.cpu} [LOST EVENTS]\n` : `CPU:${event.cpu} [LOST ${event.lost} EVENTS]\n`;
}
