import type { Candidate } from "../subbuf-reading.js";
import { StandingBefore } from "./standing-before.js";

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
  const places = new Map(trusted.map((page, place) => [page, place]));
  const waiting = new StandingBefore();
  let place = trusted.length;
  for (let i = unread.length - 1; i >= 0; i--) {
    const page = unread[i]!;
    const own = places.get(page);
    if (own === undefined) {
      const slot = page.role === "reader" ? 0 : place;
      const next = trusted[slot];
      const low = trusted[slot - 1]?.end ?? earliest;
      let time = waiting.latest(page, next) ?? (slot === 0 ? page.header.timeStamp : low);
      if (time < low) time = low;
      waiting.add(page, next, time);
    } else if (!page.repairs.includes("order-from-time")) place = own;
  }
  return waiting.among(trusted);
}
