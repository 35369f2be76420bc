import type { RingIter } from "./ring-iter.js";

/**
 * Merges the CPUs in time order as __find_next_entry() does (kernel/trace/trace.c): every CPU is peeked, in order, and
 * the first of the smallest times wins. A CPU whose peek gives up (see ReadPolicy.maxSteps) is passed over for this
 * once; when all do, the trace ends there.
 */
export class Merge {
  constructor(private readonly iters: readonly RingIter[]) {}

  /** The CPU whose event is next, left for the caller to advance(); undefined at the end. */
  next(): RingIter | undefined {
    let best: RingIter | undefined;
    for (const iter of this.iters) {
      if (!iter.peek()) continue;
      if (best === undefined || iter.t < best.t || (iter.t === best.t && isEarlier(iter, best))) best = iter;
    }
    return best;
  }
}

/** Equal numbers beyond 2^53 need a look at the exact times. */
function isEarlier(a: RingIter, b: RingIter): boolean {
  if (Math.abs(a.t) <= Number.MAX_SAFE_INTEGER) return false;
  return a.exactTime() < b.exactTime();
}
