import type { CpuArea } from "../image/cpu-area.js";
import type { Image } from "../image/image.js";
import type { SubbufHeader } from "../ring/subbuf.js";
import type { Evidence, Repair, SubbufState } from "./evidence.js";
import { type Candidate, endOf, examine } from "./examine.js";
import { type Placed, writerOrder } from "./order.js";
import type { Stretch } from "./stretch.js";
import { resolveTimes } from "./times.js";
import type { Records } from "./walk.js";

/** One sub-buffer, and what of it is believed. */
export interface SubbufReading {
  /** bpage->id: the position in buffers[]. */
  readonly id: number;
  /** Physical index. */
  readonly index: number;
  /** In the image. */
  readonly offset: number;
  readonly state: SubbufState;
  readonly evidence: Evidence;
  readonly repairs: readonly Repair[];
  /** Its events are believed: all of them up to records.end. */
  readonly believed: boolean;
  readonly header: SubbufHeader;
  /** The image ends before the sub-buffer does. */
  readonly cutOff: boolean;
  readonly records: Records;
  /** The time stamp that is believed: its own, or one that its neighbours allow. */
  readonly time: bigint;
  /** The times of its events are its own; else they are estimates (see the bounds of its stretches). */
  readonly timeExact: boolean;
  /** Times of the first and last believed event. */
  readonly firstTime: bigint | undefined;
  readonly lastTime: bigint | undefined;
  /** Events are lost right before its first. */
  readonly lostBefore: boolean;
  /** Places between its believed records where others are lost. */
  readonly lostInside: number;
  /** How many, where the kernel stored it. */
  readonly lostCount: bigint | undefined;
  /** Committed records behind the last good one cannot be read. */
  readonly lostAfter: boolean;
  /** Its believed records; none where it is not believed. */
  readonly stretches: readonly Stretch[];
}

/** One CPU's sub-buffers, read: which of them are believed, in which order, and why. */
export interface CpuReading {
  readonly cpu: CpuArea;
  /** Every sub-buffer by id. */
  readonly subbufs: readonly SubbufReading[];
  /** Those with unread events, oldest first: what `events` shows. */
  readonly unread: readonly SubbufReading[];
  /** Those that a reader took and that still hold their events, oldest first; all older than the unread ones. */
  readonly consumed: readonly SubbufReading[];
}

/** A CPU while it is being read. */
export interface Draft {
  readonly cpu: CpuArea;
  /** Every sub-buffer, in the writer's order. */
  readonly placed: readonly Candidate[];
  /** Those that are, or may be, believed, oldest first. */
  readonly order: readonly Candidate[];
}

/**
 * Walks a CPU's sub-buffers and puts them in order.
 * @param onSubbuf told of every sub-buffer that was walked
 */
export function draftCpu(image: Image, cpu: CpuArea, onSubbuf?: () => void): Draft {
  const placed = writerOrder(cpu).map((place) => {
    const candidate = examine(image, cpu, place);
    onSubbuf?.();
    return candidate;
  });
  const reader = placed.find(({ role }) => role === "reader")!.header;
  const exchanged = reader.commit !== 0n || reader.timeStamp !== 0n;
  const untaken = ({ role, header }: Candidate): boolean =>
    role === "consumed" && (cpu.inferred || (!exchanged && header.size > 0 && header.timeStamp !== 0n));
  // Behind the head, and not taken by a reader all the same: the head or the commit is lost, or the reader page was never
  // exchanged, so that every page with a header is unread.
  const found = placed.map((page) => (untaken(page) ? examine(image, cpu, asUnread(page)) : page));
  return { cpu, placed: found, order: resolveTimes(image, cpu, found) };
}

function asUnread({ index, id, isCommit }: Candidate): Placed {
  return { index, id, isCommit, role: "unread" };
}

/** What is believed of a CPU in the end. */
export function finishCpu(image: Image, { cpu, placed, order: drafted }: Draft): CpuReading {
  const order = drafted.filter(({ records }) => records.events > 0);
  const losses = lossesBefore(placed, order);
  const believed = new Set(order);
  const subbufs = new Array<SubbufReading>(cpu.nrSubbufs);
  for (const page of placed)
    subbufs[page.id] = subbufReading(page, believed.has(page), losses.has(page), image.subbufs.headerSize);
  const of = (consumed: boolean) =>
    order.filter(({ role }) => (role === "consumed") === consumed).map(({ id }) => subbufs[id]!);
  return { cpu, subbufs, unread: of(false), consumed: of(true) };
}

function subbufReading(page: Candidate, believed: boolean, lostBefore: boolean, headerSize: number): SubbufReading {
  const { id, index, offset, evidence, repairs, header, cutOff, records, time, lostAfter } = page;
  const stretches = believed ? (page.stretches ?? [whole(page, lostBefore, headerSize)]) : [];
  return {
    id,
    index,
    offset,
    state: stateOf(page, believed),
    evidence,
    repairs,
    believed,
    header,
    cutOff,
    records,
    time,
    timeExact: page.anchored && (page.stretches?.every(({ bounds }) => bounds === undefined) ?? true),
    firstTime: believed ? time + BigInt(Math.trunc(records.first)) : undefined,
    lastTime: believed ? endOf(page) : undefined,
    lostBefore: believed && lostBefore,
    lostInside: page.stretches === undefined ? 0 : stretches.filter((stretch) => stretch.lostBefore).length,
    lostCount: believed ? header.missedCount : undefined,
    lostAfter,
    stretches,
  };
}

/** A page whose records are believed from the first on. Where the time is not its own, it is the latest that can be. */
function whole({ records, time, anchored, header }: Candidate, lostBefore: boolean, start: number): Stretch {
  const bounds = anchored ? undefined : { early: time < 1n << 62n ? time : 1n << 62n, late: 0n };
  const { events, end } = records;
  return { start, end, events, time, bounds, doubts: [], lostBefore: lostBefore || header.missedEvents };
}

function stateOf({ header, role, cutOff, evidence }: Candidate, believed: boolean): SubbufState {
  if (believed) return role === "consumed" ? "consumed" : "unread";
  if (header.size === 0 && header.missedEvents) return "dropped";
  if (role === "consumed") return evidence === "empty" && header.timeStamp === 0n && !cutOff ? "empty" : "consumed";
  return evidence === "empty" && !cutOff ? "empty" : "lost";
}

/**
 * Believed pages before which something is missing: it was marked so, the page before was cut, or what stood between
 * them by the writer's pointers is not believed.
 */
function lossesBefore(pages: readonly Candidate[], order: readonly Candidate[]): ReadonlySet<Candidate> {
  const losses = new Set<Candidate>();
  const believed = new Set(order);
  /** By the believed page that it stands before. */
  let pending = false;
  let first = true;
  for (const page of pages) {
    if (believed.has(page)) {
      if (pending) losses.add(page);
      pending = false;
      first = false;
    } else if (page.role === "unread" || page.role === "reader") {
      const gone = page.header.missedEvents || page.evidence === "no-records" || page.evidence === "stale";
      if (gone || (page.evidence === "empty" && page.role === "unread" && !page.isCommit && !first)) pending = true;
    }
  }
  let cut = false;
  for (const page of order) {
    if (cut || page.header.missedEvents) losses.add(page);
    cut = page.lostAfter;
  }
  return losses;
}
