import type { TraceEvent } from "../events/event.js";

/** Contexts kept at once; a hostile image has a new one in every event. */
const MAX_CONTEXTS = 65_536;

/**
 * One thing a context: a task, wherever it runs, or a CPU's idle task, which all have pid 0. The context of an event is
 * the one that it interrupted or ran in.
 */
export class PerContext<T> {
  private readonly all = new Map<number, T>();
  /** By CPU: the context of its last event. */
  private readonly keys: number[] = [];
  private readonly values: (T | undefined)[] = [];

  constructor(private readonly make: () => T) {}

  /** That of an event, made if it is new; undefined when there are too many. */
  of({ pid, cpu }: TraceEvent): T | undefined {
    const key = contextKey(pid, cpu);
    if (this.keys[cpu] === key) return this.values[cpu];
    let value = this.all.get(key);
    if (value === undefined && this.all.size < MAX_CONTEXTS) {
      value = this.make();
      this.all.set(key, value);
    }
    this.keys[cpu] = key;
    this.values[cpu] = value;
    return value;
  }

  get(pid: number, cpu: number): T | undefined {
    return this.all.get(contextKey(pid, cpu));
  }

  /** A task that is gone; another may get its pid. */
  drop(pid: number): void {
    this.all.delete(pid);
    for (let cpu = 0; cpu < this.keys.length; cpu++) if (this.keys[cpu] === pid) this.keys[cpu] = Number.NaN;
  }

  *[Symbol.iterator](): Generator<readonly [pid: number, value: T]> {
    for (const [key, value] of this.all) yield [Math.max(key, 0), value];
  }
}

/** What tells contexts apart: a task's pid, or -1 - CPU for a CPU's idle task. */
export function contextKey(pid: number, cpu: number): number {
  return pid > 0 ? pid : -1 - cpu;
}
