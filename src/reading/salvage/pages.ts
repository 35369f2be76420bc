import type { Area } from "../../kernel/ring.js";
import { RB_MISSED_EVENTS, RB_MISSED_STORED } from "../../ring/structs.js";
import type { Placed } from "./order.js";
import { type Records, walkRecords } from "./walk.js";

/** Why a sub-buffer is in the salvaged image, or is not. A closed list: scripts match on these. */
export type Evidence =
  /** Not read yet, as buffers[], head and commit say. */
  | "unread"
  /** Behind the head, its commit and time stamp untouched. */
  | "consumed-intact"
  /** Commit was zeroed when it was consumed; the records lead to the end of the page. */
  | "consumed-commit-zeroed"
  /** Time stamp and commit were zeroed; the records lead to the end of the page, the time is that of its neighbours. */
  | "consumed-all-zeroed"
  /** buffers[] does not name it; its time fits. */
  | "unlisted"
  // not in the image
  | "empty"
  | "no-records"
  /** Its time does not fit the ring: from an earlier lap or an earlier boot. */
  | "stale"
  /** The same events are in another sub-buffer. */
  | "duplicate";

/** What had to be mended in a sub-buffer that is in the salvaged image. */
export type Repair =
  /** The commit was no record's end, too large, or zero: the records tell it. */
  | "commit-from-records"
  /** The rest behind the last good record is cut off. */
  | "cut-at-damage"
  /** Events later than the next sub-buffer are cut off. */
  | "cut-at-next-time"
  /** The time stamp did not fit: put between the neighbours, as late as they allow. */
  | "time-from-neighbours"
  /** Flags for readers, which no kernel accepts in the ring, are taken off; the loss is listed. */
  | "missed-flags-removed";

/** One sub-buffer while it is being salvaged. */
export interface Page extends Placed {
  readonly offset: number;
  readonly storedTime: bigint;
  readonly storedCommit: bigint;
  records: Records;
  /** The time stamp it gets. */
  time: bigint;
  /** The time stamp is its own. */
  anchored: boolean;
  evidence: Evidence;
  readonly repairs: Repair[];
  /** Events are known to be lost before this page. */
  lostBefore: boolean;
  /** How many, where the kernel had stored it. */
  lostCount: bigint | null;
  /** Records behind the cut are lost. */
  lostAfter: boolean;
}

/** Walks one sub-buffer and judges its commit; its time is judged among its neighbours, later. */
export function examine(area: Area, placed: Placed, offset: number): Page {
  const capacity = area.pageSize - area.headerSize;
  const storedTime = area.u64(offset);
  const storedCommit = area.long(offset + 8);
  const low = Number(BigInt.asUintN(32, storedCommit));
  const flags = (low & (RB_MISSED_EVENTS | RB_MISSED_STORED)) >>> 0;
  const size = (low & ~(RB_MISSED_EVENTS | RB_MISSED_STORED)) >>> 0;
  const high = area.abi.longSize === 8 ? Number(storedCommit >> 32n) : 0;
  const plain = high === 0 || (high === 0xffffffff && flags !== 0);
  const data = offset + area.headerSize;
  const fits = plain && size > 0 && size <= capacity;
  const stated = fits ? walkRecords(area, data, size, storedTime) : null;
  const whole = walkRecords(area, data, capacity, storedTime);
  const page: Page = {
    ...placed,
    offset,
    storedTime,
    storedCommit,
    records: NOTHING,
    time: storedTime,
    anchored: storedTime !== 0n,
    evidence: "empty",
    repairs: [],
    lostBefore: false,
    lostCount: null,
    lostAfter: false,
  };
  if (plain && flags !== 0) {
    page.lostBefore = true;
    if (flags & RB_MISSED_STORED && size + area.abi.longSize <= capacity) page.lostCount = area.long(data + size);
    // A page that an earlier boot threw out holds nothing but the mark.
    if (size > 0) page.repairs.push("missed-flags-removed");
  }
  chooseRecords(page, stated, whole, size === 0 && plain);
  return page;
}

const NOTHING: Records = { events: 0, bytes: 0, elapsed: 0n, full: false, whole: true };

function chooseRecords(page: Page, stated: Records | null, whole: Records, zeroCommit: boolean): void {
  const { role } = page;
  const unread = role === "unread" || role === "reader";
  if (stated?.whole && stated.events > 0) {
    // Only the writer's own page may end before it is full.
    if (!page.isCommit && unread && whole.full && whole.bytes > stated.bytes) {
      page.records = whole;
      page.repairs.push("commit-from-records");
    } else {
      page.records = stated;
    }
  } else if (zeroCommit) {
    // Nothing was committed, or it was zeroed: only records up to the very end of the page speak for the latter.
    if (page.isCommit || !whole.full || whole.events === 0) return;
    page.records = whole;
    if (role === "consumed") page.evidence = page.anchored ? "consumed-commit-zeroed" : "consumed-all-zeroed";
    else page.repairs.push("commit-from-records");
  } else if (whole.full && whole.events > 0) {
    page.records = whole;
    page.repairs.push("commit-from-records");
  } else {
    const best = stated && stated.events > 0 ? stated : whole;
    if (best.events === 0) {
      page.evidence = "no-records";
      page.lostAfter = unread;
      return;
    }
    page.records = best;
    page.repairs.push("cut-at-damage");
    page.lostAfter = true;
  }
  if (page.evidence === "empty")
    page.evidence = unread ? "unread" : role === "consumed" ? "consumed-intact" : "unlisted";
}

/** The time of a page's last event. */
export function endOf(page: Page): bigint {
  return page.time + page.records.elapsed;
}
