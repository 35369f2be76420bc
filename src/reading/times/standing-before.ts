import { withinClock } from "../clock-range.js";
import type { Candidate } from "../subbuf-reading.js";

/**
 * Pages whose time is not to be believed, by the page that they stand before in the ring; undefined: before what follows all of
 * them. They are added from the last to the first.
 */
export class StandingBefore {
  private readonly waiting = new Map<Candidate | undefined, Candidate[]>();

  /** The latest time that what is behind it leaves to a page that stands before another; undefined where nothing is there. */
  latest(page: Candidate, next: Candidate | undefined): bigint | undefined {
    const behind = this.waiting.get(next)?.at(-1) ?? next;
    return behind && behind.time - (page.end - page.time);
  }

  /** Gives a page an estimated time. */
  add(page: Candidate, next: Candidate | undefined, time: bigint): void {
    const within = withinClock(time, page.end - page.time);
    if (within !== page.time) page.mend("time-from-neighbours");
    page.time = within;
    page.anchored = false;
    const others = this.waiting.get(next);
    if (others === undefined) this.waiting.set(next, [page]);
    else others.push(page);
  }

  /** Pages, and before each those that stand before it. */
  among(pages: readonly Candidate[]): Candidate[] {
    const order: Candidate[] = [];
    for (const next of [...pages, undefined]) {
      for (const page of this.waiting.get(next)?.toReversed() ?? []) order.push(page);
      if (next !== undefined) order.push(next);
    }
    return order;
  }
}
