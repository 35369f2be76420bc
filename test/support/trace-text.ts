import { type TraceTextOptions, traceBytes } from "../../src/text/trace-text.js";

/** The lines of a trace as one text, one character a byte. */
export function traceText(options: TraceTextOptions): string {
  let text = "";
  for (const bytes of traceBytes(options)) text += bytes.toString("latin1");
  return text;
}
