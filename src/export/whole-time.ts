import type { TraceEvent } from "../events/event.js";
import type { Trace } from "../trace/trace.js";

/** Times as whole numbers of the trace clock's units: plain numbers where 2^53 holds them, and that is nearly always. */
export class WholeTimes {
  private readonly start: number;

  constructor(private readonly trace: Trace) {
    this.start = Number(trace.origin.value);
  }

  of(event: TraceEvent): number | bigint {
    return this.plain(event.t) ?? event.exactTime();
  }

  /** The time so long after the origin. */
  at(t: number): number | bigint {
    return this.plain(t) ?? BigInt.asUintN(64, this.trace.origin.value + BigInt(Math.round(t)));
  }

  private plain(t: number): number | undefined {
    const time = this.start + t;
    return this.start <= Number.MAX_SAFE_INTEGER && time >= 0 && time <= Number.MAX_SAFE_INTEGER ? time : undefined;
  }
}
