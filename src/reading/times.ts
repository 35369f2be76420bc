import type { Sequence } from "../ground/sequence.js";
import type { CpuArea } from "../image/cpu-area.js";
import { type Image, subbufBytes } from "../image/image.js";
import { isFarBehind } from "../ring/time-span.js";
import { withinClock } from "./clock-range.js";
import { dropDuplicates } from "./duplicates.js";
import { isZero, LINE } from "./resync/words.js";
import type { Candidate } from "./subbuf-reading.js";
import { firstLater, TimeOrder } from "./time-order.js";

/**
 * Puts a CPU's sub-buffers in time: which time stamps are believed, which pages are stale, and what time a page gets
 * that lost its own. Gives the pages that are, or may be, believed, oldest first.
 * @param placed in the writer's order
 */
export function resolveTimes(image: Image, cpu: CpuArea, placed: Sequence<Candidate>): readonly Candidate[] {
  return soundOrder(placed) ?? timesAmong(image, cpu, placed);
}

/**
 * The pages of a sound CPU, which stand in time as they stand in the ring: none is torn or has lost its time, each is later
 * than the one before it, and what was consumed ends before the rest begins. Undefined where any is not so.
 */
function soundOrder(placed: Sequence<Candidate>): Candidate[] | undefined {
  const order: Candidate[] = [];
  let before = 0n;
  let consumedTo = 0n;
  let unread = false;
  for (const page of placed) {
    if (!isCandidate(page)) continue;
    const { time } = page;
    if (page.torn || time <= before) return undefined;
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
  const trusted = addUnread(pages, placeByTime(unread, rise, cpu.inferred));
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

function isBlank({ role, evidence, torn }: Candidate): boolean {
  return role === "consumed" && evidence === "empty" && !torn;
}

function isCandidate({ records, evidence, torn }: Candidate): boolean {
  return (records.events > 0 || torn) && evidence !== "duplicate" && evidence !== "stale";
}

/**
 * A quarter of an hour, where the clock counts nanoseconds. In torn memory less speaks for a time stamp: where a byte is missing or too
 * many, those of all pages behind it have moved by eight bits, and there may be more of them than of others.
 */
const FAR_TORN = 1n << 40n;

/** A torn page whose time stamp is far from all those of whole ones has none: something else was written over it. */
function distrustFar(pages: readonly Candidate[]): void {
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
function fromOldest(unread: readonly Candidate[], capacity: number): readonly Candidate[] {
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

/** The pages whose time stamps rise, as many as possible: a damaged one is the odd one out. */
function longestRise(pages: readonly Candidate[]): readonly Candidate[] {
  if (pages.every((page, i) => i === 0 || pages[i - 1]!.time < page.time)) return pages;
  const tails: number[] = [];
  const before = new Int32Array(pages.length).fill(-1);
  pages.forEach((page, i) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pages[tails[middle]!]!.time < page.time) low = middle + 1;
      else high = middle;
    }
    before[i] = low > 0 ? tails[low - 1]! : -1;
    tails[low] = i;
  });
  const rise: Candidate[] = [];
  for (let i = tails.at(-1) ?? -1; i >= 0; i = before[i]!) rise.push(pages[i]!);
  return rise.reverse();
}

/**
 * Where entries of buffers[] were exchanged, the reader page may stand in the ring, and one of the ring in its place. The one that
 * stands there tells by its time, which fits a gap of the ring; then the only page that is older than all of the ring is the
 * reader page. Gives the pages that rise, those two among them.
 */
function withReader(unread: readonly Candidate[], rise: readonly Candidate[]): readonly Candidate[] {
  const other = unread.find(({ role }) => role === "reader");
  const first = rise[0];
  if (other === undefined || first === undefined || !other.anchored || other.torn || rise.includes(other)) return rise;
  const gap = firstLater(rise, other.time);
  const next = rise[gap];
  if (gap === 0 || next === undefined || rise[gap - 1]!.end > other.time || other.end > next.time) return rise;
  const older = unread.filter(({ anchored, torn, end }) => anchored && !torn && end <= first.time);
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
function placeByTime(
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

/**
 * Sub-buffers behind the head, or past the commit page, that are newer than the reader page. A reader takes them one
 * after another and holds the last (rb_get_reader_page()), so nobody took these: the head or the commit is wrong.
 */
function addUnread(pages: readonly Candidate[], trusted: readonly Candidate[]): readonly Candidate[] {
  const first = trusted[0];
  if (first === undefined) return trusted;
  let order: TimeOrder | undefined;
  for (const page of pages) {
    if (page.role !== "consumed" || page.evidence !== "consumed-intact" || !isCandidate(page)) continue;
    if (page.time < first.end) continue;
    order ??= new TimeOrder(trusted);
    const { before, after } = order.around(page.time);
    if (before!.end > page.time || (after && page.end > after.time)) continue;
    if (after === undefined && isFarFrom(order, page.time)) continue;
    page.role = "unread";
    page.evidence = "unread";
    page.mend("order-from-time");
    order.insert(page);
  }
  return order?.pages() ?? trusted;
}

function isFarFrom({ first, last }: TimeOrder, time: bigint): boolean {
  return isFarBehind({ first: first!.time, last: last!.end }, time);
}

/**
 * The writer never came so far as to the two sub-buffers behind its own: there is no earlier lap. One alone may be the spare that
 * a reader put in the place of the first that it took (rb_get_reader_page(), ring_buffer.c).
 */
function isFirstLap(image: Image, cpu: CpuArea, placed: Sequence<Candidate>): boolean {
  const behind = [...placed.between(0, 2)];
  const isUnused = (page: Candidate): boolean =>
    isBlank(page) && !page.cutOff && isZero(subbufBytes(image, cpu, page.index).view, 0, cpu.subbufSize);
  return behind.length === 2 && behind.every(isUnused);
}

/** What lies further before this lap is of no earlier one: its time stamp is damaged. */
const LAPS = 16n;

/**
 * Whole pages that lie before all that is trusted are of an earlier lap: the writer's newer bytes were lost. A page of an
 * earlier lap is full, or the writer would not have gone on. Gives them oldest first, none before the end of another.
 */
function ofOlderLap(
  unread: readonly Candidate[],
  rise: readonly Candidate[],
  placed: readonly Candidate[],
): readonly Candidate[] {
  const first = rise[0];
  if (first === undefined || rise.length === unread.length) return [];
  const trusted = new Set(rise);
  const places = new Map(placed.map((page, i) => [page, i]));
  const lap = rise.at(-1)!.end - first.time;
  const older = unread.filter((page, i) => {
    if (trusted.has(page) || page.torn || !page.records.full || !page.anchored || page.end > first.time) return false;
    if (first.time - page.end > LAPS * lap) return false;
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
function withOlder(consumed: readonly Candidate[], older: readonly Candidate[]): readonly Candidate[] {
  if (older.length === 0) return consumed;
  const order = new TimeOrder(consumed);
  for (const page of older) {
    const { before, after } = order.around(page.time);
    const fits = (before === undefined || before.end <= page.time) && (after === undefined || page.end <= after.time);
    page.evidence = fits ? "older-lap" : "stale";
    if (!fits) continue;
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

/**
 * Unread pages whose time is not to be believed stand where buffers[] puts them, between the nearest two before and
 * behind that are trusted, and get the latest time that these allow.
 * @param earliest none is before it
 */
function estimateUnread(
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
    else if (!known.has(page)) waiting[slot]!.push(page);
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

/**
 * Consumed pages with a time of their own must be older than everything unread, and rise among themselves. Those that
 * lost their time stand in the ring in the order they were consumed: each ends no later than the next begins. Behind
 * an empty page there is only what an earlier lap or boot left.
 */
function orderConsumed(pages: readonly Candidate[], firstUnread: Candidate | undefined): Candidate[] {
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
