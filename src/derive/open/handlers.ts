import type { TraceEvent } from "../../events/event.js";
import type { Tracker, Watch } from "../follow.js";
import { KeptStack, type Opened } from "../kept-stack.js";
import type { EventKind, NumberOf } from "../kinds.js";
import { PerContext } from "../per-context.js";

/** Something that a CPU or a task does from one event to another. */
export type HandlerKind = "irq" | "softirq" | "tasklet" | "timer" | "hrtimer" | "work" | "vector" | "ipi";

interface Pair {
  readonly what: HandlerKind;
  readonly system: string;
  readonly begin: string;
  readonly end: string;
  readonly key: string;
}

const PAIRS: readonly Pair[] = [
  { what: "irq", system: "irq", begin: "irq_handler_entry", end: "irq_handler_exit", key: "irq" },
  { what: "softirq", system: "irq", begin: "softirq_entry", end: "softirq_exit", key: "vec" },
  { what: "tasklet", system: "irq", begin: "tasklet_entry", end: "tasklet_exit", key: "tasklet" },
  { what: "timer", system: "timer", begin: "timer_expire_entry", end: "timer_expire_exit", key: "timer" },
  { what: "hrtimer", system: "timer", begin: "hrtimer_expire_entry", end: "hrtimer_expire_exit", key: "hrtimer" },
  { what: "work", system: "workqueue", begin: "workqueue_execute_start", end: "workqueue_execute_end", key: "work" },
];

/** What can be open: all that begins and ends with the same two events. */
export interface Handler {
  readonly what: HandlerKind;
  /** Of an interrupt vector or an IPI, which; otherwise the event itself says. */
  readonly name: string | undefined;
}
export type OpenHandler = Opened<Handler>;

export type HandledListener = (handler: OpenHandler, end: TraceEvent) => void;

/** TRACE_FLAG_HARDIRQ and TRACE_FLAG_SOFTIRQ: what an event ran in. */
const INTERRUPT_FLAGS = 0x18;

/**
 * Interrupts, soft interrupts, timers and work items that have begun and not ended, as a stack a context. What began in
 * an interrupt is over as soon as its context logs outside of one, though its end was lost.
 */
export class OpenHandlers implements Tracker {
  private readonly stacks = new PerContext(() => new KeptStack<Handler>());
  /** By the system and what begin and end have in common. */
  private readonly handlers = new Map<string, Handler>();

  constructor(private readonly ended?: HandledListener) {}

  /** Those of a task, or of a CPU's idle task; outermost first. */
  of(pid: number, cpu: number): readonly OpenHandler[] {
    return this.stacks.get(pid, cpu)?.open() ?? [];
  }

  /** The same without a copy; what it holds changes with the events. */
  stack(pid: number, cpu: number): KeptStack<Handler> | undefined {
    return this.stacks.get(pid, cpu);
  }

  /** The innermost. */
  top(pid: number, cpu: number): Handler | undefined {
    return this.stacks.get(pid, cpu)?.top?.what;
  }

  *all(): Generator<readonly [pid: number, open: OpenHandler]> {
    for (const [pid, stack] of this.stacks) for (const open of stack.open()) yield [pid, open];
  }

  every(event: TraceEvent): void {
    const stack = this.stacks.of(event);
    if (stack === undefined) return;
    for (let { top } = stack; top !== undefined; { top } = stack) {
      if ((top.event.flags & INTERRUPT_FLAGS & ~event.flags) === 0) return;
      stack.cut(stack.depth - 1);
    }
  }

  watch(kind: EventKind): Watch | undefined {
    const { system, name } = kind;
    const pair = PAIRS.find((each) => each.system === system && (each.begin === name || each.end === name));
    if (pair !== undefined) {
      const key = kind.number(pair.key);
      return key && this.at(this.handler(pair.what, pair.begin, undefined), key, name === pair.begin);
    }
    const vector = /^(.+)_(entry|exit)$/.exec(name);
    if (vector !== null && (system === "irq_vectors" || system === "ipi"))
      return this.at(
        this.handler(system === "ipi" ? "ipi" : "vector", `${system}:${vector[1]}`, vector[1]),
        () => 0,
        vector[2] === "entry",
      );
    if (system === "sched" && name === "sched_process_free") {
      const pid = kind.number("pid");
      return pid && ((event) => this.stacks.drop(pid(event)));
    }
    return undefined;
  }

  private handler(what: HandlerKind, id: string, name: string | undefined): Handler {
    const handler = this.handlers.get(id) ?? { what, name };
    this.handlers.set(id, handler);
    return handler;
  }

  private at(handler: Handler, key: NumberOf, begins: boolean): Watch {
    if (begins)
      return (event) => {
        const stack = this.stacks.of(event);
        const id = key(event);
        const again = stack?.find(handler, id) ?? -1;
        // None begins anew within itself: its end was lost.
        if (again >= 0) stack?.cut(again);
        stack?.push(handler, id, event);
      };
    return (event) => {
      const stack = this.stacks.of(event);
      const at = stack?.find(handler, key(event)) ?? -1;
      if (stack === undefined || at < 0) return;
      this.ended?.(stack.at(at), event);
      stack.cut(at);
    };
  }
}
