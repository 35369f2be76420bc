import type { TraceEvent } from "../events/event.js";
import { KeptEvent } from "../events/kept-event.js";
import type { Tracker, Watch } from "./follow.js";
import type { EventKind } from "./kinds.js";

/** What an event's flags say of its CPU (enum trace_flag_type, include/linux/trace_events.h). */
export type FlagKind = "irqs-off" | "preempt-off" | "need-resched";

const IRQS_OFF = 0x01;
const NEED_RESCHED = 0x04;
const HARDIRQ = 0x08;
const NMI = 0x40;
/** Hard, soft or not to be masked. */
const IN_INTERRUPT = 0x58;

/** Events of one CPU, one after the other, that all say the same: it was so from the first to the last, at least. */
export class Stretch {
  readonly first = new KeptEvent();
  readonly last = new KeptEvent();
  events = 0;

  constructor(readonly kind: FlagKind) {}

  get length(): number {
    return this.last.t - this.first.t;
  }

  take({ first, last, events }: Stretch): void {
    this.first.take(first);
    this.last.take(last);
    this.events = events;
  }
}

export type StretchListener = (stretch: Stretch) => void;

const LONGEST = 5;
const KINDS: readonly FlagKind[] = ["irqs-off", "preempt-off", "need-resched"];

/**
 * Stretches with interrupts or preemption off, or with a wish to reschedule that nobody heeds, as far as events show
 * them. Between two events anything may have been; where it must have been otherwise a stretch ends: a new hard
 * interrupt comes only while they are on, and a switch turns both on.
 */
export class FlagStretches implements Tracker {
  private readonly current: Stretch[][] = [];
  private readonly before: number[] = [];
  /** By type: by how much the tracer itself deepens preempt_count (trace_graph_entry(), since 6.13). */
  private readonly tracers: number[] = [];
  private readonly longest = new Map<FlagKind, Stretch[]>(KINDS.map((kind) => [kind, []]));

  constructor(private readonly ended?: StretchListener) {}

  /** Those over and those that go on, longest first. */
  top(kind: FlagKind): readonly Stretch[] {
    const open = this.current.flat().filter((stretch) => stretch.kind === kind && stretch.events > 1);
    return [...this.longest.get(kind)!, ...open].sort((a, b) => b.length - a.length).slice(0, LONGEST);
  }

  /** The one that a CPU's last event is in. */
  open(cpu: number, kind: FlagKind): Stretch | undefined {
    return this.current[cpu]?.find((stretch) => stretch.kind === kind && stretch.events > 0);
  }

  /** All is over: those that go on are told too. */
  finish(): void {
    for (const stretch of this.current.flat()) if (stretch.events > 1) this.ended?.(stretch);
  }

  every(event: TraceEvent): void {
    const { cpu, flags } = event;
    let stretches = this.current[cpu];
    if (stretches === undefined) {
      stretches = KINDS.map((kind) => new Stretch(kind));
      this.current[cpu] = stretches;
    }
    const before = this.before[cpu] ?? 0;
    this.before[cpu] = flags;
    // Neither interrupt nor loss says what was before it.
    const enters = (flags & HARDIRQ) !== 0 && (before & HARDIRQ) === 0 && (flags & NMI) === 0;
    // The idle task sleeps with interrupts on, and has preemption off all its life (init_idle()).
    const idles = event.pid === 0 && (flags & IN_INTERRUPT) === 0;
    if (enters || idles || event.lost !== 0) this.end(stretches[0]!);
    if (event.lost !== 0) this.end(stretches[1]!);
    this.go(stretches[0]!, (flags & IRQS_OFF) !== 0, event);
    const depth = (event.preemptCount & 0xf) - (this.tracers[event.type + 1] ?? 0);
    this.go(stretches[1]!, depth > 0 && event.pid !== 0, event);
    this.go(stretches[2]!, (flags & NEED_RESCHED) !== 0, event);
  }

  watch({ system, name, type }: EventKind): Watch | undefined {
    if (system === "ftrace" && /^f(uncgraph|graph)_/.test(name)) this.tracers[type + 1] = 1;
    const restarts =
      (system === "irq" && name === "irq_handler_entry") ||
      (system === "irq_vectors" && name.endsWith("_entry")) ||
      (system === "timer" && name === "hrtimer_expire_entry");
    if (restarts)
      return (event) => {
        const irqs = this.current[event.cpu]![0]!;
        if (irqs.events > 1) this.end(irqs);
        this.go(irqs, (event.flags & IRQS_OFF) !== 0, event);
      };
    if (system !== "sched" || name !== "sched_switch") return undefined;
    return (event) => {
      for (const stretch of this.current[event.cpu]!) this.end(stretch);
    };
  }

  private go(stretch: Stretch, on: boolean, event: TraceEvent): void {
    if (!on) {
      if (stretch.events > 0) this.end(stretch);
      return;
    }
    if (stretch.events++ === 0) stretch.first.take(event);
    stretch.last.take(event);
  }

  private end(stretch: Stretch): void {
    if (stretch.events > 1) {
      this.ended?.(stretch);
      this.remember(stretch);
    }
    stretch.events = 0;
  }

  private remember(stretch: Stretch): void {
    const longest = this.longest.get(stretch.kind)!;
    const shortest = longest[LONGEST - 1];
    if (shortest !== undefined && shortest.length >= stretch.length) return;
    const kept = shortest === undefined ? new Stretch(stretch.kind) : longest.pop()!;
    kept.take(stretch);
    longest.push(kept);
    longest.sort((a, b) => b.length - a.length);
  }
}
