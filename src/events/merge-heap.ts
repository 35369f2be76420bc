import { Heap } from "../ground/heap.js";
import type { RingIter } from "./ring-iter.js";

/**
 * Which of many CPUs has the next event: their numbers by (time, CPU). Only the first one's time may change between two
 * questions, so a question costs the logarithm of how many there are.
 */
export class MergeHeap extends Heap {
  /** CPUs that gave up before their end: each question asks them again, as the kernel does. */
  private waiting: number[] = [];

  /** @param iters by CPU; those that have an event take part */
  constructor(private readonly iters: readonly RingIter[]) {
    super();
    this.ask(iters.keys());
  }

  /** The first has moved on. */
  moved(): void {
    const { first, waiting } = this;
    if (waiting.length > 0) this.waiting = [];
    if (first !== undefined) {
      const iter = this.iters[first]!;
      if (iter.peek()) this.sinkFirst();
      else {
        this.removeFirst();
        if (!iter.ended) this.waiting.push(first);
      }
    }
    if (waiting !== this.waiting) this.ask(waiting);
  }

  private ask(cpus: Iterable<number>): void {
    for (const cpu of cpus) {
      const iter = this.iters[cpu]!;
      if (iter.peek()) this.push(cpu);
      else if (!iter.ended) this.waiting.push(cpu);
    }
  }

  protected isBefore(a: number, b: number): boolean {
    const [one, other] = [this.iters[a]!, this.iters[b]!];
    if (one.t !== other.t) return one.t < other.t;
    if (isEarlier(one, other)) return true;
    return a < b && !isEarlier(other, one);
  }
}

/** Equal numbers beyond 2^53 need a look at the exact times. */
export function isEarlier(a: RingIter, b: RingIter): boolean {
  if (Math.abs(a.t) <= Number.MAX_SAFE_INTEGER) return false;
  return a.exactTime() < b.exactTime();
}
