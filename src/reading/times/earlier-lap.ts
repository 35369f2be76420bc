import type { Sequence } from "../../ground/sequence.js";
import type { CpuArea } from "../../image/cpu-area.js";
import { type Image, subbufBytes } from "../../image/image.js";
import { isZero } from "../resync/words.js";
import type { Candidate } from "../subbuf-reading.js";
import { isBlank, isCandidate, isDated, isEmpty } from "./candidates.js";
import { longestRise } from "./longest-rise.js";
import { TimeOrder } from "./time-order.js";

/**
 * The writer never came so far as to the two sub-buffers behind its own: there is no earlier lap. One alone may be the spare that
 * a reader put in the place of the first that it took (rb_get_reader_page(), ring_buffer.c).
 */
export function isFirstLap(image: Image, cpu: CpuArea, placed: Sequence<Candidate>): boolean {
  const behind = [...placed.between(0, 2)];
  // Without head or commit, all may be unread.
  const isUnused = (page: Candidate): boolean =>
    (cpu.inferred ? isEmpty(page) : isBlank(page)) &&
    !page.cutOff &&
    isZero(subbufBytes(image, cpu, page.index).view, 0, cpu.subbufSize);
  return behind.length === 2 && behind.every(isUnused);
}

/** What lies further before this lap is of no earlier one: its time stamp is damaged. */
const LAPS = 16n;

/**
 * Whole pages that lie before all that is trusted are of an earlier lap: the writer's newer bytes were lost. A page of an
 * earlier lap is full, or the writer would not have gone on, and lies in time with none that was consumed. Gives them oldest first,
 * none before the end of another.
 */
export function ofOlderLap(
  unread: readonly Candidate[],
  rise: readonly Candidate[],
  placed: readonly Candidate[],
): readonly Candidate[] {
  const first = rise[0];
  if (first === undefined || rise.length === unread.length) return [];
  const trusted = new Set(rise);
  const places = new Map(placed.map((page, i) => [page, i]));
  const lap = rise.at(-1)!.end - first.time;
  const taken = new TimeOrder(longestRise(placed.filter((page) => isDated(page) && isCandidate(page))));
  const older = unread.filter((page, i) => {
    if (trusted.has(page) || page.torn || !page.records.full || !page.anchored || page.end > first.time) return false;
    if (first.time - page.end > LAPS * lap || !taken.hasRoom(page)) return false;
    const before = unread[i - 1];
    const after = unread[i + 1];
    const between = before !== undefined && after !== undefined && trusted.has(before) && trusted.has(after);
    return !between || !fills(page, after.time - before.end, places.get(after)! - places.get(before)! - 1);
  });
  return inTurn(older.sort((a, b) => (a.time < b.time ? -1 : 1)));
}

/** Of pages by their time, those that begin behind the end of the one before. */
function inTurn(sorted: readonly Candidate[]): readonly Candidate[] {
  const kept: Candidate[] = [];
  for (const page of sorted) if (kept.length === 0 || kept.at(-1)!.end <= page.time) kept.push(page);
  return kept;
}

/**
 * What is left of an earlier lap stands where its time does among what was consumed: it is no less true, and kernels up to 7.1
 * keep it where it is.
 */
export function withOlder(consumed: readonly Candidate[], older: readonly Candidate[]): readonly Candidate[] {
  if (older.length === 0) return consumed;
  const order = new TimeOrder(consumed);
  for (const page of older) {
    page.evidence = "older-lap";
    page.role = "consumed";
    order.insert(page);
  }
  return order.pages();
}

/**
 * Its records take as long as lies between its neighbours, or its share of that where others stood there too that are lost: a
 * writer goes on to the next sub-buffer at once. So they are of this lap, and the time stamp alone is damaged.
 */
function fills({ records }: Candidate, gap: bigint, pages: number): boolean {
  return records.last <= Number(gap) && records.last >= (0.9 * Number(gap)) / pages;
}
