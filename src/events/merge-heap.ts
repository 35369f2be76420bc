import { Heap } from "../ground/heap.js";
import type { RingIter } from "./ring-iter.js";

/**
 * Which of many CPUs has the next event: their numbers by (time, CPU). Only the first one's time may change between two
 * questions, so a question costs the logarithm of how many there are.
 */
export class MergeHeap extends Heap {
  /** @param iters by CPU; those that have an event take part */
  constructor(private readonly iters: readonly RingIter[]) {
    super();
    for (const [cpu, iter] of iters.entries()) if (iter.peek()) this.push(cpu);
  }

  /** The first has moved on. */
  moved(): void {
    const { first } = this;
    if (first === undefined) return;
    if (this.iters[first]!.peek()) this.sinkFirst();
    else this.removeFirst();
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
