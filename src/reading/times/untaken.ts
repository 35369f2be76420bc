import type { CpuArea } from "../../image/cpu-area.js";
import { type Image, subbufBytes } from "../../image/image.js";
import { examine } from "../examine.js";
import type { Candidate } from "../subbuf-reading.js";
import { isCandidate, isDated, isEmpty, isIntact } from "./candidates.js";
import { longestRise } from "./longest-rise.js";
import { StandingBefore } from "./standing-before.js";
import { TimeOrder } from "./time-order.js";
import { isFarFrom } from "./trusted.js";

/**
 * Sub-buffers behind the head, or past the commit page, that are newer than the reader page. A reader takes them one
 * after another and holds the last (rb_get_reader_page()), so nobody took these: the head or the commit is wrong. They are
 * looked at again, as unread ones are: what is damaged in one may be read all the same.
 * @param pages in the writer's order
 */
export function withUntaken(
  image: Image,
  cpu: CpuArea,
  pages: readonly Candidate[],
  trusted: readonly Candidate[],
): readonly Candidate[] {
  if (trusted.length === 0) return trusted;
  const since = untakenSince(pages, trusted);
  const dated = pages.filter((page) => isDated(page) && page.time >= since);
  if (dated.length === 0) return trusted;
  const order = new TimeOrder(trusted);
  const rise = new Set(risingIn(dated, trusted.at(-1)!.time));
  const take = (page: Candidate): boolean => {
    examine(image.subbufs, subbufBytes(image, cpu, page.index), page, "unread");
    return isCandidate(page);
  };
  for (const rising of [true, false])
    for (const page of dated) {
      if (rise.has(page) !== rising || !fits(page, order, rising) || !take(page)) continue;
      page.mend("order-from-time");
      order.insert(page);
    }
  const untaken = order.pages();
  const between = standBetween(pages, untaken);
  const found = between.filter(({ page }) => take(page));
  return found.length === 0 ? untaken : withEstimates(untaken, found);
}

/** Those that rise as they stand in the ring: past the commit page, which is not later than `last`, and behind the head. */
function risingIn(dated: readonly Candidate[], last: bigint): readonly Candidate[] {
  return [true, false].flatMap((isPast) => longestRise(dated.filter(({ time }) => time > last === isPast)));
}

/** @param isRising whether it stands where its time does */
function fits(page: Candidate, order: TimeOrder, isRising: boolean): boolean {
  const { before, after } = order.around(page.time);
  // Behind the last of all, one with nothing committed is where the writer had only begun.
  if (after === undefined && (page.header.size === 0 || isFarFrom(order, page.time))) return false;
  // Then an end that is too late says that a delta is damaged: in front of a break, too.
  if (isRising && page.evidence === "consumed-intact") return before === undefined || before.time < page.time;
  return order.hasRoom(page);
}

/** A whole page whose time is not to be believed, and the trusted one that it stands before in the ring. */
interface Between {
  readonly page: Candidate;
  readonly next: Candidate;
}

/** Whole pages that look consumed and stand between two that nobody took: nobody took them either. Last first. */
function standBetween(pages: readonly Candidate[], untaken: readonly Candidate[]): readonly Between[] {
  const known = new Set(untaken);
  const ring = pages.filter(({ role }) => role !== "reader");
  const found: Between[] = [];
  let waiting: Candidate[] = [];
  // The ring is a circle: what stands first is behind what stands last.
  let next = ring.find((page) => known.has(page));
  for (const page of ring.toReversed()) {
    if (known.has(page)) {
      if (next !== undefined && page.time < next.time) for (const one of waiting) found.push({ page: one, next });
      waiting = [];
      next = page;
    } else if (isIntact(page)) waiting.push(page);
    else if (isEmpty(page)) next = undefined;
  }
  return found;
}

/** Each with the latest time that the page behind it allows. */
function withEstimates(untaken: readonly Candidate[], found: readonly Between[]): readonly Candidate[] {
  const estimated = new StandingBefore();
  const places = new Map(untaken.map((page, place) => [page, place]));
  for (const { page, next } of found) {
    const low = untaken[places.get(next)! - 1]?.end ?? 0n;
    let time = estimated.latest(page, next)!;
    if (time < low) time = low;
    estimated.add(page, next, time);
  }
  return estimated.among(untaken);
}

/**
 * From when on no reader took any. Where the reader page lost its time, and its records took longer than there is time in front
 * of the head, it stands further back: behind what a reader zeroed, as it does with all that it takes or with none (6.12 to 6.16,
 * 7.2 on); else behind the last sub-buffer that leaves it room.
 */
function untakenSince(pages: readonly Candidate[], trusted: readonly Candidate[]): bigint {
  const [first, next] = trusted as readonly [Candidate, Candidate | undefined];
  // An end that is later than the next one begins says that a delta is damaged.
  const since = next !== undefined && first.end > next.time ? first.time : first.end;
  const place = pages.findIndex(({ role }) => role === "reader");
  const reader = pages[place];
  if (!reader || !isCandidate(reader) || reader.torn || trusted.includes(reader)) return since;
  const elapsed = reader.end - reader.time;
  let behind = first;
  let roomy: Candidate | undefined;
  for (let i = place - 1; i >= 0 && roomy !== first; i--) {
    const page = pages[i]!;
    const isZeroed = page.header.size === 0;
    if (isZeroed || !isDated(page)) {
      if (roomy === undefined || (isZeroed && isCandidate(page))) roomy = behind;
      break;
    }
    if (page.time >= behind.time) continue;
    // Of one that breaks off nobody knows how far it went.
    const breaksOff = page.evidence === "no-records" || page.repairs.includes("cut-at-damage");
    if (!breaksOff && behind.time - page.end >= elapsed) roomy ??= behind;
    behind = page;
  }
  return roomy === undefined || roomy === first ? since : roomy.time;
}
