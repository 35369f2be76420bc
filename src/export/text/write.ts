import type { Trace } from "../../trace.js";
import type { Exported, Sink } from "../format.js";
import { eventsText } from "./stream.js";

/** The lines that `events` prints: as the kernel's `trace` file, marks of torn memory included. */
export async function writeText(trace: Trace, sink: Sink): Promise<Exported> {
  const events = trace.events();
  for (const chunk of eventsText(trace, {}, events)) await sink.write(chunk, events.given);
  return { events: events.given, shortfalls: [] };
}
