import type { TraceEvent } from "../events/event.js";
import type { Tracker } from "./follow.js";

/** How often a kind of event came, in a window at the end and before it. */
export interface Rate {
  readonly type: number;
  readonly before: number;
  readonly after: number;
}

/** Counts by kind, before and since a time; what lies before all CPUs are covered is left out. */
export class Rates implements Tracker {
  private readonly before: number[] = [];
  private readonly after: number[] = [];

  constructor(
    readonly from: number,
    readonly since: number,
  ) {}

  every({ t, type }: TraceEvent): void {
    const counts = t >= this.since ? this.after : this.before;
    if (t >= this.from) counts[type + 1] = (counts[type + 1] ?? 0) + 1;
  }

  all(): Rate[] {
    const rates: Rate[] = [];
    for (let i = 0; i < Math.max(this.before.length, this.after.length); i++) {
      const [before = 0, after = 0] = [this.before[i], this.after[i]];
      if (before + after > 0) rates.push({ type: i - 1, before, after });
    }
    return rates;
  }
}
