import type { Sequence } from "../../ground/sequence.js";
import type { CpuArea } from "../../image/cpu-area.js";
import type { Image } from "../../image/image.js";
import { dropDuplicates } from "../duplicates.js";
import type { Candidate } from "../subbuf-reading.js";
import { fromOldest } from "./beginning.js";
import { believeBoot, noteWentBack } from "./boot.js";
import { isBlank, isCandidate, isDated } from "./candidates.js";
import { orderConsumed } from "./consumed.js";
import { isFirstLap, ofOlderLap, withOlder } from "./earlier-lap.js";
import { estimateUnread } from "./estimate.js";
import { longestRise } from "./longest-rise.js";
import { distrustFar, placeByTime, withReader } from "./trusted.js";
import { withUntaken } from "./untaken.js";

/**
 * Puts a CPU's sub-buffers in time: which time stamps are believed, which pages are stale, and what time a page gets
 * that lost its own. Gives the pages that are, or may be, believed, oldest first.
 * @param placed in the writer's order
 */
export function resolveTimes(image: Image, cpu: CpuArea, placed: Sequence<Candidate>): readonly Candidate[] {
  believeBoot(image, cpu, placed);
  const order = soundOrder(placed) ?? timesAmong(image, cpu, placed);
  noteWentBack(image, cpu, order);
  return order;
}

/**
 * The pages of a sound CPU, which stand in time as they stand in the ring: none is torn or has lost its time, each is later
 * than the one before it, and what was consumed ends before the rest begins. Undefined where any is not so: also where two have
 * the same time, which rises() lets pass, since one of them may be a copy of the other (dropDuplicates()).
 */
function soundOrder(placed: Sequence<Candidate>): Candidate[] | undefined {
  const order: Candidate[] = [];
  let before = -1n;
  let consumedTo = 0n;
  let unread = false;
  for (const page of placed) {
    const { time } = page;
    if (!isCandidate(page)) {
      if (isDated(page) && time > consumedTo) consumedTo = time;
      continue;
    }
    if (page.torn || !page.anchored || time <= before) return undefined;
    if (page.role !== "consumed") {
      if (!unread && consumedTo > time) return undefined;
      unread = true;
    } else if (unread) return undefined;
    else if (page.end > consumedTo) consumedTo = page.end;
    before = time;
    order.push(page);
  }
  return order;
}

function timesAmong(image: Image, cpu: CpuArea, placed: Sequence<Candidate>): readonly Candidate[] {
  const pages = withoutRuns(placed);
  dropDuplicates(image, cpu, pages);
  distrustFar(pages);
  const all = fromOldest(
    pages.filter((page) => page.role !== "consumed" && isCandidate(page)),
    image.subbufs.capacity,
  );
  const rise = withReader(all, longestRise(all.filter(({ anchored }) => anchored)));
  const older = isFirstLap(image, cpu, placed) ? [] : ofOlderLap(all, rise, pages);
  const isOlder = new Set(older);
  const unread = all.filter((page) => !isOlder.has(page));
  const trusted = withUntaken(image, cpu, pages, placeByTime(unread, rise, cpu.inferred));
  const order = estimateUnread(unread, trusted, older.at(-1)?.end ?? 0n);
  const consumed = orderConsumed(
    pages.filter((page) => !isOlder.has(page)),
    order[0],
  );
  return [...withOlder(consumed, older), ...order];
}

/** Of empty pages that follow each other, the first alone: most of a large area may be empty. */
function withoutRuns(placed: Sequence<Candidate>): readonly Candidate[] {
  const pages: Candidate[] = [];
  let blank = false;
  for (const page of placed) {
    const behindBlank = blank;
    blank = isBlank(page);
    if (!blank || !behindBlank) pages.push(page);
  }
  return pages;
}
