import { isDoubtful, type TraceEvent } from "../events/event.js";
import type { Shortfall } from "./sink.js";

/** Counts what of a trace a format cannot hold. */
export class Shortfalls {
  private readonly counts = new Map<string, number>();

  add(what: string, count = 1): void {
    if (count > 0) this.counts.set(what, (this.counts.get(what) ?? 0) + count);
  }

  /** What parts of a trace lack. */
  addAll(shortfalls: Iterable<Shortfall>): this {
    for (const { what, count } of shortfalls) this.add(what, count);
    return this;
  }

  /** For formats that have no place for the marks of torn memory. */
  unmarked(event: TraceEvent): void {
    if (event.page.bounds !== undefined) this.add(ESTIMATED);
    if (isDoubtful(event)) this.add(DOUBTFUL);
    this.add(INFERRED, event.uncertain?.ofValues(event, event.type)?.length ?? 0);
  }

  list(): Shortfall[] {
    return [...this.counts].map(([what, count]) => ({ what, count }));
  }

  /** Gives them, and begins anew. */
  take(): Shortfall[] {
    const taken = this.list();
    this.counts.clear();
    return taken;
  }
}

export const NO_SPAN = "events that neither begin nor end anything: left out";
export const OWN_UNITS = "times in units of the trace clock, written as nanoseconds";
const ESTIMATED = "times that are estimates, not marked as such";
export const INFERRED = "names and texts in modules' data, whose place is inferred, not marked as such";
export const DOUBTFUL = "events that may hold foreign bytes, not marked as such";
