import type { TornPage } from "./page.js";
import { type PathFinder, timeOf, UNTIMED } from "./path.js";

/** Deltas of which one may be wrong: no more are blamed, unless it takes more to make up for what is too much. */
const MAX_BLAMED = 4;
const MAX_TRIED = 16;

/**
 * Where the deltas of a path lead beyond the time that there is, one of them must be wrong: any that is as large as what
 * is too much, and most likely the largest. Those are not believed any more (UNTIMED).
 * @param origin what times are reckoned from
 */
export function blame(path: PathFinder, page: TornPage, origin: bigint): void {
  const { count, candidate } = path;
  /** Since an exact time: of the page, or of an absolute time stamp. */
  let from = 0;
  let elapsed = 0;
  for (let k = 0; k < count; k++) {
    const more = read(path, page, k);
    if (!candidate.absolute) {
      elapsed += more;
      continue;
    }
    blameLargest(path, page, { from, to: k, excess: elapsed - more });
    from = k + 1;
    elapsed = more;
  }
  blameLargest(path, page, { from, to: count, excess: elapsed - timeOf(page, origin) });
}

/** Records `from` up to `to` of the path, whose deltas lead too far by `excess`. */
interface Overrun {
  readonly from: number;
  readonly to: number;
  readonly excess: number;
}

function blameLargest(path: PathFinder, page: TornPage, { from, to, excess }: Overrun): void {
  let taken = 0;
  for (let n = 0; excess > 0 && n < (taken < excess ? MAX_TRIED : MAX_BLAMED); n++) {
    let largest = 0;
    let worst = from;
    for (let k = from; k < to; k++) {
      const more = path.how[k] === UNTIMED ? 0 : read(path, page, k);
      if (more <= largest) continue;
      largest = more;
      worst = k;
    }
    if (largest === 0 || (taken >= excess && largest < excess)) return;
    path.how[worst] = UNTIMED;
    taken += largest;
  }
}

/** What a record adds to the time. */
function read({ candidate, at, end }: PathFinder, page: TornPage, k: number): number {
  candidate.read(page.view, at[k]!, end[k]!, page.end);
  return candidate.more;
}
