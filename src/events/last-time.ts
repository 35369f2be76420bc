import type { EventPages } from "./page.js";
import { type ReadPolicy, RingIter } from "./ring-iter.js";

/** The time of the last event of all CPUs, since the origin; undefined without events. Only last pages are read. */
export function lastTime(sources: readonly EventPages[], policy: ReadPolicy): number | undefined {
  let last: number | undefined;
  for (const pages of sources) {
    for (let position = pages.count - 1; position >= 0; position--) {
      const iter = new RingIter(
        { cpu: pages.cpu, count: 1, page: () => pages.page(position) },
        { ...policy, maxSteps: Number.POSITIVE_INFINITY, damage: undefined },
      );
      let found: number | undefined;
      for (; iter.peek(); iter.advance()) found = iter.t;
      if (found === undefined) continue;
      if (last === undefined || found > last) last = found;
      break;
    }
  }
  return last;
}

/** Events of all CPUs: a walk without looking at them. */
export function countEvents(iters: readonly RingIter[]): number {
  let count = 0;
  for (const iter of iters) for (; iter.peek(); iter.advance()) count++;
  return count;
}
