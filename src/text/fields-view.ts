import type { EventText } from "./event-text.js";
import type { TraceTextOptions } from "./trace-text.js";

/** The `fields` option: print_event_fields() finds the fields of none of ftrace's own events (trace_output.c). */
export function fieldsBody(text: EventText): NonNullable<TraceTextOptions["body"]> {
  return (event, type) =>
    type <= text.lastType && text.isRegistered(type) ? `UNKNOWN TYPE ${type}\n` : text.body(event, type);
}
