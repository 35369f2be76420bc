import { isFarBehind } from "../../ring/time-span.js";
import type { Candidate } from "../subbuf-reading.js";
import { isCandidate } from "./candidates.js";
import { firstLater, TimeOrder } from "./time-order.js";

/**
 * A quarter of an hour, where the clock counts nanoseconds. In torn memory less speaks for a time stamp: where a byte is missing or too
 * many, those of all pages behind it have moved by eight bits, and there may be more of them than of others.
 */
const FAR_TORN = 1n << 40n;

/** A torn page whose time stamp is far from all those of whole ones has none: something else was written over it. */
export function distrustFar(pages: readonly Candidate[]): void {
  if (pages.every(({ torn }) => !torn)) return;
  const sound = pages.filter((page) => isCandidate(page) && page.anchored && !page.torn && page.role !== "consumed");
  if (sound.length < 2) return;
  const times = BigUint64Array.from(sound, ({ time }) => time).sort();
  // Most of them are right.
  const first = times[times.length >> 2]!;
  const last = times[(3 * times.length) >> 2]!;
  for (const page of pages) {
    if (!page.torn || !page.anchored) continue;
    const { time } = page;
    if (isFarBehind({ first, last }, time, FAR_TORN) || isFarBehind({ first, last }, first + last - time, FAR_TORN))
      page.anchored = false;
  }
}

/**
 * Where entries of buffers[] were exchanged, the reader page may stand in the ring, and one of the ring in its place. The one that
 * stands there tells by its time, which fits a gap of the ring; then the only page that is older than all of the ring is the
 * reader page. Gives the pages that rise, those two among them.
 */
export function withReader(unread: readonly Candidate[], rise: readonly Candidate[]): readonly Candidate[] {
  const other = unread.find(({ role }) => role === "reader");
  const first = rise[0];
  if (other === undefined || first === undefined || !other.anchored || other.torn || rise.includes(other)) return rise;
  const gap = firstLater(rise, other.time);
  const next = rise[gap];
  if (gap === 0 || next === undefined || rise[gap - 1]!.end > other.time || other.end > next.time) return rise;
  const older = unread.filter((page) => page.anchored && !page.torn && page.end <= first.time && page !== first);
  if (older.length !== 1) return rise;
  for (const page of [other, older[0]!]) page.mend("order-from-time");
  return [older[0]!, ...rise.slice(0, gap), other, ...rise.slice(gap)];
}

/**
 * Unread pages that do not rise where buffers[] puts them, but whose own time fits a gap between two that do: the
 * order is wrong, not the time. Where entries of buffers[] were exchanged, another such page stands in the gap, or the
 * gap is the next but one; else the time is an earlier lap's. Gives all that is trusted, in order.
 * @param unordered buffers[] says nothing of the order
 */
export function placeByTime(
  unread: readonly Candidate[],
  rise: readonly Candidate[],
  unordered: boolean,
): readonly Candidate[] {
  if (rise.length === unread.length) return rise;
  const trusted = new Set(rise);
  /** How many that rise stand before each page that does not. */
  const stands = new Map<Candidate, number>();
  let rank = 0;
  for (const page of unread) {
    if (trusted.has(page)) rank++;
    else stands.set(page, rank);
  }
  const open = new Set(stands.values());
  const order = new TimeOrder(rise);
  for (const [page, stand] of stands) {
    if (!page.anchored) continue;
    const gap = firstLater(rise, page.time);
    if (!unordered && !open.has(gap) && Math.abs(gap - stand) > 1) continue;
    const { before, after } = order.around(page.time);
    if (!before || page.torn || before.end > page.time || (after && page.end > after.time)) continue;
    if (after === undefined && isFarFrom(order, page.time)) continue;
    page.mend("order-from-time");
    order.insert(page);
  }
  return order.pages();
}

/** Behind all of them, and so far that it is no time of theirs. */
export function isFarFrom({ first, last }: TimeOrder, time: bigint): boolean {
  return isFarBehind({ first: first!.time, last: last!.end }, time);
}
