import type { Candidate } from "../subbuf-reading.js";
import { isCandidate, isIntact } from "./candidates.js";
import { longestRise } from "./longest-rise.js";
import { StandingBefore } from "./standing-before.js";
import { TimeOrder } from "./time-order.js";

/**
 * Consumed pages with a time of their own must be older than everything unread, and rise among themselves; one that is whole and
 * does not rise stands where its time fits (the order of buffers[] is wrong), or its time stamp is damaged. Those that lost their
 * time stand in the ring in the order they were consumed: each ends no later than the next begins. Behind an empty page there is
 * only what an earlier lap or boot left.
 */
export function orderConsumed(pages: readonly Candidate[], firstUnread: Candidate | undefined): Candidate[] {
  const consumed = pages.filter(({ role }) => role === "consumed");
  const own = consumed.filter((page) => isCandidate(page) && page.anchored && isBefore(page, firstUnread));
  const rise = longestRise(own);
  const order = placeIntact(own, rise, firstUnread);
  const trusted = new Set(order);
  for (const page of consumed)
    if (isCandidate(page) && page.anchored && !trusted.has(page) && !isIntact(page)) page.evidence = "stale";
  return estimate(consumed, trusted, firstUnread).among(order);
}

/** Of one whose time stamp is sound a delta may be damaged: it seems to end too late. */
function isBefore(page: Candidate, firstUnread: Candidate | undefined): boolean {
  if (firstUnread === undefined || page.end <= firstUnread.time) return true;
  return isIntact(page) && page.time < firstUnread.time;
}

/** Those that rise, and those with a commit, no earlier boot's, that do not but whose time fits between these, by their times. */
function placeIntact(
  own: readonly Candidate[],
  rise: readonly Candidate[],
  firstUnread: Candidate | undefined,
): readonly Candidate[] {
  if (rise.length === own.length) return rise;
  const known = new Set(rise);
  const order = new TimeOrder(rise);
  for (const page of own) {
    if (known.has(page) || page.evidence !== "consumed-intact") continue;
    if (!order.hasRoom(page) || (firstUnread && page.end > firstUnread.time)) continue;
    page.mend("order-from-time");
    order.insert(page);
  }
  return order.pages();
}

/** Gives pages without a time that is believed the latest that those behind them allow: before the first unread one, those that stand last. */
function estimate(
  consumed: readonly Candidate[],
  trusted: ReadonlySet<Candidate>,
  firstUnread: Candidate | undefined,
): StandingBefore {
  const waiting = new StandingBefore();
  let next = firstUnread?.time;
  let behindEmpty = next === undefined;
  let place: Candidate | undefined;
  for (const page of consumed.toReversed()) {
    if (trusted.has(page)) {
      if (page.repairs.includes("order-from-time")) continue;
      place = page;
      next = page.time;
      behindEmpty = false;
    } else if (page.evidence === "empty") {
      behindEmpty = true;
    } else if (page.evidence !== "stale" && isCandidate(page)) {
      const time = next === undefined ? page.header.timeStamp : next - (page.end - page.time);
      if ((behindEmpty || time <= 0n) && !isIntact(page)) {
        page.evidence = "stale";
        continue;
      }
      waiting.add(page, place, time);
      next = page.time;
    }
  }
  return waiting;
}
