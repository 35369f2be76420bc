import { LINE } from "../resync/words.js";
import type { Candidate } from "../subbuf-reading.js";
import { longestRise } from "./longest-rise.js";

/** Where the ring may begin: tried are the places before which the time falls most. */
const BEGINNINGS = 8;
/** What head and commit say weighs as much; and that the last page is not full. */
const TURN = 3;
const PARTIAL = 3;
/** No page that the writer left has more than this unused, but for events of this size and more. */
const MAX_REST = 256;

/**
 * The ring is a circle. Where the pages do not rise from the head on, it may begin elsewhere (the head or the commit is
 * an older one): where most pages rise whose time stamps are sound by themselves. The reader page is outside, and older
 * than all of it.
 */
export function fromOldest(unread: readonly Candidate[], capacity: number): readonly Candidate[] {
  const ring = unread.filter(({ role }) => role !== "reader");
  const stamps = ring.filter(({ anchored }) => anchored);
  const falls = stamps
    .map((page, i) => ({ page, fall: (stamps[i - 1] ?? stamps.at(-1)!).time - page.time }))
    .filter(({ fall }, i) => fall > 0n && i > 0)
    .sort((a, b) => (a.fall < b.fall ? 1 : -1))
    .slice(0, BEGINNINGS);
  let best = unread;
  let most = support(stamps, capacity) + TURN;
  for (const { page } of falls) {
    const at = ring.indexOf(page);
    const turned = [...ring.slice(at), ...ring.slice(0, at)];
    const found = support(
      turned.filter(({ anchored }) => anchored),
      capacity,
    );
    if (found <= most) continue;
    most = found;
    best = [...unread.filter(({ role }) => role === "reader"), ...turned];
  }
  return best;
}

/**
 * How much speaks for a ring that begins and ends so: the time stamps that rise, the less the sooner their page breaks
 * off (where it does right behind the line that the time stamp lies in, the two are not of one moment); and that the
 * writer was on the last page: it alone may be less than full.
 */
function support(ring: readonly Candidate[], capacity: number): number {
  const last = ring.at(-1);
  let sum = last !== undefined && last.header.size < capacity - MAX_REST ? PARTIAL : 0;
  for (const { torn, records } of longestRise(ring)) sum += torn ? (records.end < 2 * LINE ? 1 : 2) : 4;
  return sum;
}
