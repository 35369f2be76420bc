import type { Trace } from "../../trace.js";
import type { Exported, Sink } from "../format.js";
import { eventsJson } from "./stream.js";

/** An object an event, with all that is known of it. */
export async function writeNdjson(trace: Trace, sink: Sink): Promise<Exported> {
  const events = trace.events();
  for (const chunk of eventsJson(trace, { lines: true }, events)) await sink.write(chunk, events.given);
  return { events: events.given, shortfalls: [] };
}
