import type { EventStream } from "../../src/events/stream.js";
import { type TraceTextOptions, traceBytes } from "../../src/text/trace-text.js";

/** The lines of a trace as one text, one character a byte. */
export function traceText({ events, ...options }: TraceTextOptions & { readonly events: EventStream }): string {
  let text = "";
  for (const bytes of traceBytes(options, events)) text += bytes.toString("latin1");
  return text;
}
