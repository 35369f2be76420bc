import type { Tracker, Watch } from "./follow.js";
import type { EventKind } from "./kinds.js";

/** What a busy CPU's timer makes many times a second, as long as it takes interrupts. */
const TICKS: ReadonlySet<string> = new Set(["irq_vectors:local_timer_entry", "timer:hrtimer_expire_entry"]);

/** How many ticks of its timer each CPU logged. */
export class Ticks implements Tracker {
  private readonly counts: number[] = [];

  of(cpu: number): number {
    return this.counts[cpu] ?? 0;
  }

  watch({ system, name }: EventKind): Watch | undefined {
    if (!TICKS.has(`${system}:${name}`)) return undefined;
    return ({ cpu }) => {
      this.counts[cpu] = this.of(cpu) + 1;
    };
  }
}
