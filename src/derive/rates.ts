import type { TraceEvent } from "../events/event.js";
import { KeptPlace } from "../events/kept-event.js";
import type { Tracker } from "./follow.js";

/** How often a kind of event came, in a window at the end and before it. */
export interface Rate {
  readonly type: number;
  readonly before: number;
  readonly after: number;
  /** The last of them. */
  readonly last: KeptPlace;
}

/** Counts by kind, before and since a time; what lies before all CPUs are covered is left out. */
export class Rates implements Tracker {
  private readonly before: number[] = [];
  private readonly after: number[] = [];
  private readonly last: KeptPlace[] = [];

  constructor(
    readonly from: number,
    readonly since: number,
  ) {}

  every(event: TraceEvent): void {
    const { t, type } = event;
    if (t < this.from) return;
    const counts = t >= this.since ? this.after : this.before;
    counts[type + 1] = (counts[type + 1] ?? 0) + 1;
    let last = this.last[type + 1];
    if (last === undefined) {
      last = new KeptPlace();
      this.last[type + 1] = last;
    }
    last.takePlace(event);
  }

  all(): Rate[] {
    const rates: Rate[] = [];
    for (let i = 0; i < Math.max(this.before.length, this.after.length); i++) {
      const [before = 0, after = 0] = [this.before[i], this.after[i]];
      if (before + after > 0) rates.push({ type: i - 1, before, after, last: this.last[i]! });
    }
    return rates;
  }
}
