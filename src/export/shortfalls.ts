import { isDoubtful, type TraceEvent } from "../events/event.js";
import type { Shortfall } from "./format.js";

/** Counts what of a trace a format cannot hold. */
export class Shortfalls {
  private readonly counts = new Map<string, number>();

  add(what: string, count = 1): void {
    if (count > 0) this.counts.set(what, (this.counts.get(what) ?? 0) + count);
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
}

export const NO_SPAN = "events that neither begin nor end anything: left out";
export const OWN_UNITS = "times in units of the trace clock, written as nanoseconds";
export const ESTIMATED = "times that are estimates, not marked as such";
export const INFERRED = "names and texts in modules' data, whose place is inferred, not marked as such";
export const DOUBTFUL = "events that may hold foreign bytes, not marked as such";
