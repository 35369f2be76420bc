import type { WriteExport } from "./format.js";
import { type RowsOf, rowBytes } from "./rows.js";

/** Writes a trace in rows. */
export function writeRows(rowsOf: RowsOf): WriteExport {
  return async (trace, sink) => {
    const events = trace.events();
    for (const piece of rowBytes(rowsOf(trace), events)) await sink.write(piece, events.given);
    return { events: events.given, shortfalls: [] };
  };
}
