import type { TraceEvent } from "../events/event.js";
import { KeptEvent } from "../events/kept-event.js";

/** What deeper stacks have more is not kept: the kernel's own are no deeper (FTRACE_RETFUNC_DEPTH is 50). */
const MAX_DEPTH = 128;

/** An entry of a stack: the event that opened it, and by what its end is known. */
export class Opened<T> {
  readonly event = new KeptEvent();
  key = 0;
  constructor(public what: T) {}
}

/** Nested things that have begun and not ended, outermost first. Entries are used again: nothing is allocated for long. */
export class KeptStack<T> {
  private readonly entries: Opened<T>[] = [];
  private count = 0;

  get depth(): number {
    return this.count;
  }

  at(index: number): Opened<T> {
    return this.entries[index]!;
  }

  get top(): Opened<T> | undefined {
    return this.count > 0 ? this.entries[this.count - 1] : undefined;
  }

  push(what: T, key: number, event: TraceEvent): void {
    if (this.count >= MAX_DEPTH) return;
    let entry = this.entries[this.count];
    if (entry === undefined) {
      entry = new Opened(what);
      this.entries.push(entry);
    }
    entry.what = what;
    entry.key = key;
    entry.event.take(event);
    this.count++;
  }

  /** Down to so many entries: the others are over. */
  cut(depth: number): void {
    this.count = Math.min(this.count, depth);
  }

  /** The uppermost entry that fits, or -1. */
  find(what: T, key: number): number {
    for (let i = this.count - 1; i >= 0; i--) {
      const entry = this.entries[i]!;
      if (entry.what === what && entry.key === key) return i;
    }
    return -1;
  }

  open(): readonly Opened<T>[] {
    return this.entries.slice(0, this.count);
  }
}
