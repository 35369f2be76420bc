import type { TraceEvent } from "../events/event.js";
import { KeptEvent } from "../events/kept-event.js";
import type { Tracker } from "./follow.js";

/** The last events of a row of them. */
export class LastOnes {
  private readonly kept: KeptEvent[] = [];
  private count = 0;

  constructor(private readonly most: number) {}

  add(event: TraceEvent): void {
    const at = this.count++ % this.most;
    const kept = this.kept[at];
    if (kept === undefined) this.kept.push(KeptEvent.of(event));
    else kept.take(event);
  }

  /** Oldest first. */
  list(): readonly KeptEvent[] {
    if (this.count <= this.most) return this.kept;
    const first = this.count % this.most;
    return [...this.kept.slice(first), ...this.kept.slice(0, first)];
  }
}

/** Each CPU's last events. */
export class LastEvents implements Tracker {
  private readonly cpus: (LastOnes | undefined)[] = [];

  constructor(private readonly most: number) {}

  of(cpu: number): readonly KeptEvent[] {
    return this.cpus[cpu]?.list() ?? [];
  }

  every(event: TraceEvent): void {
    let last = this.cpus[event.cpu];
    if (last === undefined) {
      last = new LastOnes(this.most);
      this.cpus[event.cpu] = last;
    }
    last.add(event);
  }
}
