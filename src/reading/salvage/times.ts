import type { Area } from "../../kernel/ring.js";
import { endOf, type Page } from "./pages.js";
import { walkRecords } from "./walk.js";

/**
 * Puts a CPU's sub-buffers in time: which time stamps are believed, which pages are stale, and what time a page gets
 * that lost its own. Returns the pages of the salvaged image, oldest first.
 * @param pages in the writer's order
 */
export function resolveTimes(area: Area, pages: readonly Page[]): Page[] {
  const listed = pages.filter(({ role }) => role !== "unlisted");
  dropDuplicates(area, pages);
  const candidates = listed.filter(isCandidate);
  const unread = candidates.filter(({ role }) => role !== "consumed");
  const trusted = new Set(longestRise(unread.filter(({ anchored }) => anchored)));
  const first = unread.find((page) => trusted.has(page));

  // Consumed pages with a time of their own must be older than everything unread, and rise among themselves.
  const consumed = candidates.filter(({ role }) => role === "consumed");
  const older = consumed.filter((page) => page.anchored && (!first || endOf(page) <= first.time));
  for (const page of longestRise(older)) trusted.add(page);
  for (const page of consumed) if (page.anchored && !trusted.has(page)) page.evidence = "stale";

  estimateUnread(area, unread, trusted);
  estimateConsumed(listed, trusted);

  const accepted = listed.filter((page) => trusted.has(page));
  insertUnlisted(
    pages.filter((page) => page.role === "unlisted" && isCandidate(page)),
    accepted,
  );
  return cutAtNext(area, accepted);
}

function isCandidate(page: Page): boolean {
  return page.records.events > 0 && page.evidence !== "duplicate";
}

/** The pages whose time stamps rise, as many as possible: a damaged one is the odd one out. */
function longestRise(pages: readonly Page[]): Page[] {
  const tails: number[] = [];
  const before = new Int32Array(pages.length).fill(-1);
  pages.forEach((page, i) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pages[tails[middle]!]!.time <= page.time) low = middle + 1;
      else high = middle;
    }
    before[i] = low > 0 ? tails[low - 1]! : -1;
    tails[low] = i;
  });
  const rise: Page[] = [];
  for (let i = tails.at(-1) ?? -1; i >= 0; i = before[i]!) rise.unshift(pages[i]!);
  return rise;
}

/** Unread pages whose time does not fit get the latest one that their neighbours allow. */
function estimateUnread(area: Area, unread: readonly Page[], trusted: Set<Page>): void {
  const known = unread.map((page) => trusted.has(page));
  let next: bigint | undefined;
  for (let i = unread.length - 1; i >= 0; i--) {
    const page = unread[i]!;
    if (!known[i]) {
      let previous: bigint | undefined;
      for (let j = i - 1; j >= 0 && previous === undefined; j--) if (known[j]) previous = endOf(unread[j]!);
      page.time = next === undefined ? (previous ?? page.storedTime) : next - page.records.elapsed;
      if (page.time < (previous ?? 0n)) page.time = previous ?? 0n;
      if (page.time !== page.storedTime) page.repairs.push("time-from-neighbours");
      page.anchored = false;
      if (next !== undefined && endOf(page) > next) cut(area, page, next);
      if (page.records.events === 0) {
        page.evidence = "stale";
        continue;
      }
      trusted.add(page);
    }
    next = page.time;
  }
}

/**
 * Consumed pages that lost their time stand in the ring in the order they were consumed: each ends no later than the
 * next begins. Behind an empty page there is only what an earlier lap or boot left.
 */
function estimateConsumed(listed: readonly Page[], trusted: Set<Page>): void {
  let next = listed.find((page) => page.role !== "consumed" && trusted.has(page))?.time;
  let behindEmpty = next === undefined;
  for (const page of listed.filter(({ role }) => role === "consumed").reverse()) {
    if (trusted.has(page)) {
      next = page.time;
      behindEmpty = false;
    } else if (page.evidence === "empty") {
      behindEmpty = true;
    } else if (page.evidence === "consumed-all-zeroed" || (!page.anchored && isCandidate(page))) {
      const time = next === undefined ? -1n : next - page.records.elapsed;
      if (behindEmpty || time <= 0n) {
        page.evidence = "stale";
        continue;
      }
      page.time = time;
      page.repairs.push("time-from-neighbours");
      trusted.add(page);
      next = time;
    }
  }
}

/** Pages that buffers[] does not name go where their own time leaves a gap. */
function insertUnlisted(unlisted: readonly Page[], accepted: Page[]): void {
  for (const page of unlisted) {
    let place = accepted.findIndex((other) => other.time > page.time);
    if (place < 0) place = accepted.length;
    const before = accepted[place - 1];
    const after = accepted[place];
    const fits = page.anchored && (!before || endOf(before) <= page.time) && (!after || endOf(page) <= after.time);
    if (fits) accepted.splice(place, 0, page);
    else page.evidence = "stale";
  }
}

/** No event of a page may be later than the next page: time is wrong in it from there on. */
function cutAtNext(area: Area, accepted: readonly Page[]): Page[] {
  const kept: Page[] = [];
  for (let i = accepted.length - 1; i >= 0; i--) {
    const page = accepted[i]!;
    const next = kept[0];
    if (next && endOf(page) > next.time) cut(area, page, next.time);
    if (page.records.events > 0) kept.unshift(page);
    else page.evidence = "stale";
  }
  return kept;
}

function cut(area: Area, page: Page, latest: bigint): void {
  page.records = walkRecords(area, page.offset + area.headerSize, page.records.bytes, page.time, latest);
  page.repairs.push("cut-at-next-time");
  page.lostAfter = true;
}

/** The same records twice: the unread, or the earlier one, stays. */
function dropDuplicates(area: Area, pages: readonly Page[]): void {
  const byLook = new Map<string, Page[]>();
  const ranked = [...pages].sort(
    (a, b) =>
      Number(a.role === "unlisted") - Number(b.role === "unlisted") ||
      Number(a.role === "consumed") - Number(b.role === "consumed"),
  );
  for (const page of ranked) {
    if (page.records.events === 0) continue;
    const data = area.bytes.subarray(page.offset + area.headerSize, page.offset + area.headerSize + page.records.bytes);
    const look = `${page.records.bytes}/${page.records.events}/${page.records.elapsed}/${data.subarray(0, 32).join()}`;
    const others = byLook.get(look) ?? [];
    const same = others.some((other) => {
      const start = other.offset + area.headerSize;
      const times = page.storedTime === other.storedTime || page.storedTime === 0n || other.storedTime === 0n;
      return times && data.every((byte, i) => byte === area.bytes[start + i]);
    });
    if (same) page.evidence = "duplicate";
    else others.push(page);
    byLook.set(look, others);
  }
}
