import type { Candidate } from "../subbuf-reading.js";
import { isCandidate } from "./candidates.js";
import { longestRise } from "./longest-rise.js";

/**
 * Consumed pages with a time of their own must be older than everything unread, and rise among themselves. Those that
 * lost their time stand in the ring in the order they were consumed: each ends no later than the next begins. Behind
 * an empty page there is only what an earlier lap or boot left.
 */
export function orderConsumed(pages: readonly Candidate[], firstUnread: Candidate | undefined): Candidate[] {
  const consumed = pages.filter(({ role }) => role === "consumed");
  const own = consumed.filter(
    (page) => isCandidate(page) && page.anchored && (!firstUnread || page.end <= firstUnread.time),
  );
  const trusted = new Set(longestRise(own));
  for (const page of consumed) if (isCandidate(page) && page.anchored && !trusted.has(page)) page.evidence = "stale";
  let next = firstUnread?.time;
  let behindEmpty = next === undefined;
  const order: Candidate[] = [];
  for (const page of consumed.toReversed()) {
    if (trusted.has(page)) {
      order.push(page);
      next = page.time;
      behindEmpty = false;
    } else if (page.evidence === "empty") {
      behindEmpty = true;
    } else if (page.evidence !== "stale" && isCandidate(page)) {
      const time = next === undefined ? -1n : next - (page.end - page.time);
      if (behindEmpty || time <= 0n) {
        page.evidence = "stale";
        continue;
      }
      page.time = time;
      page.mend("time-from-neighbours");
      order.push(page);
      next = time;
    }
  }
  return order.reverse();
}
