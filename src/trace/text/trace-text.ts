import type { Merge } from "../read/merge.js";
import type { RingIter } from "../read/ring-iter.js";
import type { Comms } from "./comms.js";
import type { EventText } from "./event-text.js";

/** Which events are shown. Called with the iterator at the event. */
export type EventTest = (event: RingIter, type: number) => boolean;

/** Text is handed on when this much has come together. */
const CHUNK = 128 * 1024;

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
  /** Makes text safe for a terminal; lines are one character a byte. */
  readonly clean?: ((text: string) => string) | undefined;
}

/** The lines of a trace, in chunks. */
export function* traceText(options: TraceTextOptions): Generator<string> {
  const { merge, text, comms, test, clean } = options;
  const started = new Set<number>();
  let chunk = "";
  let any = false;
  for (;;) {
    const event = merge.next();
    if (event === undefined) break;
    const type = event.type;
    comms.observe(event, type);
    if (test !== undefined && !test(event, type)) {
      comms.settle(event, type);
      event.advance();
      continue;
    }
    let before = "";
    if (event.lost !== 0 && options.lost) before = lostLine(event);
    if (options.annotate && !started.has(event.cpu)) {
      started.add(event.cpu);
      if (any) before += `##### CPU ${event.cpu} buffer started ####\n`;
    }
    any = true;
    before += options.before(event);
    let body: string;
    if (text.graph.isGraph(type)) body = text.graph.print(event);
    else {
      body = text.body(event, type);
      comms.settle(event, type);
      event.advance();
    }
    const line = before.length + body.length > 8000 ? text.fit(before, body, type) : before + body;
    chunk += clean === undefined ? line : clean(line);
    if (chunk.length >= CHUNK) {
      yield chunk;
      chunk = "";
    }
  }
  if (chunk !== "") yield chunk;
}

export function lostLine(event: RingIter): string {
  return event.lost < 0 ? `CPU:${event.cpu} [LOST EVENTS]\n` : `CPU:${event.cpu} [LOST ${event.lost} EVENTS]\n`;
}
