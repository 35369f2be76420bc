import { withinClock } from "../clock-range.js";
import type { Candidate } from "../subbuf-reading.js";

/**
 * Unread pages whose time is not to be believed stand where buffers[] puts them, between the nearest two before and
 * behind that are trusted, and get the latest time that these allow. The reader page is older than all of them.
 * @param earliest none is before it
 */
export function estimateUnread(
  unread: readonly Candidate[],
  trusted: readonly Candidate[],
  earliest: bigint,
): readonly Candidate[] {
  const known = new Set(trusted);
  if (unread.every((page) => known.has(page))) return [...trusted];
  const place = new Map(trusted.map((page, i) => [page, i]));
  /** By the trusted page that they stand before: the last first. */
  const waiting: Candidate[][] = Array.from({ length: trusted.length + 1 }, () => []);
  let slot = trusted.length;
  for (let i = unread.length - 1; i >= 0; i--) {
    const page = unread[i]!;
    const at = place.get(page);
    if (at !== undefined && !page.repairs.includes("order-from-time")) slot = at;
    else if (!known.has(page)) waiting[page.role === "reader" ? 0 : slot]!.push(page);
  }
  const order: Candidate[] = [];
  for (let i = 0; i <= trusted.length; i++) {
    const next = trusted[i]?.time;
    const low = i > 0 ? trusted[i - 1]!.end : earliest;
    let high = next;
    for (const page of waiting[i]!) {
      const elapsed = page.end - page.time;
      let time = high === undefined ? (i > 0 ? low : page.header.timeStamp) : high - elapsed;
      if (time < low) time = low;
      time = withinClock(time, elapsed);
      if (time !== page.time) page.mend("time-from-neighbours");
      page.time = time;
      page.anchored = false;
      high = time;
    }
    for (const page of waiting[i]!.reverse()) order.push(page);
    if (trusted[i]) order.push(trusted[i]!);
  }
  return order;
}
