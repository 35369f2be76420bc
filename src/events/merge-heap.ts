import type { RingIter } from "./ring-iter.js";

/**
 * Which of many CPUs has the next event: a binary heap of their numbers by (time, CPU). Only the first one's time may
 * change between two questions, so a question costs the logarithm of how many there are.
 */
export class MergeHeap {
  private readonly heap: Int32Array;
  private size = 0;

  /** @param iters by CPU; those that have an event take part */
  constructor(private readonly iters: readonly RingIter[]) {
    this.heap = new Int32Array(iters.length);
    for (let i = 0; i < iters.length; i++) if (iters[i]!.peek()) this.heap[this.size++] = i;
    for (let at = (this.size >> 1) - 1; at >= 0; at--) this.sink(at);
  }

  /** The first CPU, whose event is the next; undefined when there is none any more. */
  get first(): number | undefined {
    return this.size > 0 ? this.heap[0] : undefined;
  }

  /** The one that would be first without it. */
  get second(): number | undefined {
    const { heap, size } = this;
    if (size < 2) return undefined;
    return size > 2 && this.isBefore(heap[2]!, heap[1]!) ? heap[2] : heap[1];
  }

  /** The first has moved on. */
  moved(): void {
    if (this.size === 0) return;
    if (!this.iters[this.heap[0]!]!.peek()) this.heap[0] = this.heap[--this.size]!;
    this.sink(0);
  }

  private sink(from: number): void {
    const { heap, size } = this;
    const moving = heap[from]!;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!this.isBefore(heap[child]!, moving)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = moving;
  }

  private isBefore(a: number, b: number): boolean {
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
