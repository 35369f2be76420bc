import { withinClock } from "../clock-range.js";
import type { Candidate } from "../subbuf-reading.js";

/** Pages whose time is not to be believed, by the page that they stand before in the ring; undefined: before what follows all of them. */
export class StandingBefore {
  private readonly waiting = new Map<Candidate | undefined, Candidate[]>();

  /** Gives a page an estimated time. Of those before the same page, the nearest to it comes first. */
  add(page: Candidate, next: Candidate | undefined, time: bigint): void {
    page.time = withinClock(time, page.end - page.time);
    page.anchored = false;
    page.mend("time-from-neighbours");
    const others = this.waiting.get(next);
    if (others === undefined) this.waiting.set(next, [page]);
    else others.push(page);
  }

  /** The nearest to the beginning of those that stand before a page. */
  firstBefore(next: Candidate): Candidate | undefined {
    return this.waiting.get(next)?.at(-1);
  }

  /** Those that stand before a page, as they stand in the ring. */
  before(next: Candidate | undefined): readonly Candidate[] {
    return this.waiting.get(next)?.toReversed() ?? [];
  }
}
