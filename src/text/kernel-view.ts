import type { EventText } from "./event-text.js";
import { KernelLine, LatencyLine, type LineSources } from "./line.js";
import { numberView } from "./number-views.js";
import type { TraceOptions } from "./trace-options.js";
import type { TraceTextOptions } from "./trace-text.js";

/** What the options of an instance make of its lines (print_trace_line(), print_trace_fmt(), kernel/trace/trace.c). */
export function kernelView(
  sources: LineSources,
  text: EventText,
  options: TraceOptions,
): Pick<TraceTextOptions, "before" | "latency" | "body" | "pass" | "mayBeEmpty"> {
  const { contextInfo, latencyFormat, verbose, recordTgid, irqInfo, fields } = options;
  const kind = numberKind(options);
  if (kind !== undefined)
    return {
      before: () => {},
      body: numberView(kind, text, text.reader.littleEndian, contextInfo),
      mayBeEmpty: kind === "bin" && !contextInfo,
    };
  const body = fields ? fieldsBody(text) : undefined;
  if (!contextInfo) return { before: () => {}, body };
  const latency = latencyFormat ? new LatencyLine(sources, verbose) : undefined;
  const line = latency ?? new KernelLine({ ...sources, tgid: recordTgid, irqInfo });
  return { before: (event, out) => line.before(event, out), pass: () => latency?.pass(), latency, body };
}

/** bin comes before hex, hex before raw. */
function numberKind({ bin, hex, raw }: TraceOptions): "bin" | "hex" | "raw" | undefined {
  if (bin) return "bin";
  if (hex) return "hex";
  return raw ? "raw" : undefined;
}

/** print_event_fields() finds the fields of none of ftrace's own events (trace_output.c). */
function fieldsBody(text: EventText): NonNullable<TraceTextOptions["body"]> {
  return (event, type) =>
    type <= text.lastType && text.isRegistered(type) ? `UNKNOWN TYPE ${type}\n` : text.body(event, type);
}
