import type { TraceEvent } from "../events/event.js";
import { KeptEvent } from "../events/kept-event.js";
import type { Tracker } from "./follow.js";

/** The last place of a CPU before which events were lost; what it says of the time before is not all there was. */
export interface Loss {
  /** The first event behind it. */
  readonly event: KeptEvent;
  places: number;
  /** Those that were counted. */
  events: number;
}

/** Where events were lost, and so from when on all is known. */
export class Losses implements Tracker {
  private readonly cpus: (Loss | undefined)[] = [];
  private readonly started: boolean[] = [];

  /** @param from since when all CPUs are covered */
  constructor(private readonly from: number) {}

  of(cpu: number): Loss | undefined {
    return this.cpus[cpu];
  }

  /** Whether all that any CPU logged since a time is known, up to now. */
  knowsSince(t: number): boolean {
    return t >= this.from && this.cpus.every((loss) => loss === undefined || loss.event.t <= t);
  }

  /** The same of one CPU, whose event was seen then. */
  knowsOn(cpu: number, t: number): boolean {
    const loss = this.cpus[cpu];
    return loss === undefined || loss.event.t <= t;
  }

  every(event: TraceEvent): void {
    const { cpu } = event;
    const first = !this.started[cpu];
    this.started[cpu] = true;
    // What is lost before a CPU's oldest event is what its ring no longer holds.
    if (event.lost === 0 || first) return;
    let loss = this.cpus[cpu];
    if (loss === undefined) {
      loss = { event: new KeptEvent(), places: 0, events: 0 };
      this.cpus[cpu] = loss;
    }
    loss.event.take(event);
    loss.places++;
    loss.events += Math.max(0, event.lost);
  }
}
