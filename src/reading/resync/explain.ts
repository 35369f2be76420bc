import { TYPE_PADDING, TYPE_TIME_EXTEND, TYPE_TIME_STAMP } from "../../ring/records.js";
import type { Knowledge } from "./knowledge.js";
import { LineWatch, SPLIT, STALE, TORN_TAIL } from "./line.js";
import type { TornPage } from "./page.js";
import { CONTINUED, PathFinder, UNTIMED } from "./path.js";
import { lineOf } from "./words.js";

export type DoubtCode = "line-border" | "stale-line";

/** Why one record is not quite believed. */
export interface Doubt {
  /** Where the record begins. */
  readonly offset: number;
  readonly code: DoubtCode;
}

/** Records that follow each other and are believed. */
export interface Run {
  readonly start: number;
  readonly end: number;
  readonly events: number;
  /** The time before its first record, from the explanation's origin: exact, or the best estimate between the bounds. */
  readonly before: number;
  /** The same, behind its last record. */
  readonly after: number;
  readonly exact: boolean;
  readonly low: number;
  /** Infinity where nothing bounds it. */
  readonly high: number;
  /** Where the bytes begin that are not explained, in front of this run; undefined where it follows what is before. */
  readonly breakBefore: number | undefined;
  readonly doubts: readonly Doubt[];
}

export interface PageExplanation {
  /** What the times of the runs are reckoned from. */
  readonly origin: bigint;
  readonly runs: readonly Run[];
}

/** A run while its time is being found. */
interface Segment {
  start: number;
  end: number;
  events: number;
  /** The sum of the deltas; the first of them where it is not believed; those of the line that a break follows. */
  elapsed: number;
  untimed: number;
  unsure: number;
  /** The time before it, where it says so itself. */
  exact: number | undefined;
  /** It is the first line behind a break: perhaps an older moment's. */
  first: boolean;
  /** Bytes that are not explained in front of it. */
  gap: number;
  breakBefore: number | undefined;
  doubts: Doubt[];
  low: number;
  high: number;
}

/** Beyond this, times are no longer exact as numbers. */
const MAX_SPAN = 1n << 52n;

/** Explains the records of torn sub-buffers, one after another. */
export class Explainer {
  private readonly path: PathFinder;
  private readonly lines: LineWatch;

  constructor(
    knowledge: Knowledge,
    private readonly littleEndian: boolean,
  ) {
    this.path = new PathFinder(knowledge, littleEndian);
    this.lines = new LineWatch(knowledge, littleEndian, this.path);
  }

  /** True where the records, one after another, fill the committed part of the page in time, and none of them is odd. */
  believes(page: TornPage): boolean {
    if (page.time === undefined || consistent(page).time === undefined) return false;
    return this.path.whole(page, page.time) && !this.lines.mark(page.view);
  }

  explain(torn: TornPage): PageExplanation {
    const page = consistent(torn);
    const origin = page.time ?? page.low ?? page.high ?? 0n;
    this.path.find(page, origin);
    const segments = this.segments(page, origin);
    const low = page.low === undefined ? 0 : Math.min(0, Number(page.low - origin));
    const high = page.high === undefined ? Number.POSITIVE_INFINITY : Number(page.high - origin);
    bound(segments, page.time === undefined ? low : 0, high);
    return { origin, runs: estimate(segments, low, high) };
  }

  private segments(page: TornPage, origin: bigint): Segment[] {
    const { at, end, how, count } = this.path;
    const { view } = page;
    const segments: Segment[] = [];
    let segment: Segment | undefined;
    let lastLine = -1;
    let inLine = 0;
    this.lines.mark(view);
    const { marks } = this.lines;
    for (let k = 0; k < count; k++) {
      const offset = at[k]!;
      const word = view.getUint32(offset, this.littleEndian);
      const typeLen = this.littleEndian ? word & 31 : word >>> 27;
      const delta = this.littleEndian ? word >>> 5 : word & 0x7ffffff;
      const stamp = typeLen === TYPE_TIME_STAMP;
      const mark = marks[k]!;
      const line = lineOf(offset);
      const start = offset === page.start && page.time !== undefined;
      const broken = how[k] !== CONTINUED || (mark & SPLIT) !== 0 || (k === 0 && !start);
      const anchor = stamp && segment?.exact === undefined;
      const settled = segment?.first === true && line !== lastLine;
      if (segment === undefined || broken || anchor || settled) {
        const before: number = segment === undefined ? page.start : segment.end;
        if (segment !== undefined && broken) segment.unsure = inLine;
        segment = {
          start: offset,
          end: offset,
          events: 0,
          elapsed: 0,
          untimed: how[k] === UNTIMED ? delta : 0,
          unsure: 0,
          exact: start && !broken ? 0 : undefined,
          first: broken,
          gap: broken ? Math.max(4, offset - before) : 0,
          breakBefore: broken ? before : undefined,
          doubts: [],
          low: 0,
          high: 0,
        };
        segments.push(segment);
        lastLine = -1;
      }
      const elapsed = segment.elapsed;
      if (line !== lastLine) inLine = 0;
      lastLine = line;
      segment.end = end[k]!;
      if (typeLen < TYPE_PADDING) {
        segment.events++;
        segment.elapsed += delta;
        if (mark & STALE) segment.doubts.push({ offset, code: "stale-line" });
        else if (mark & TORN_TAIL) segment.doubts.push({ offset, code: "line-border" });
      } else if (typeLen === TYPE_TIME_EXTEND)
        segment.elapsed += delta + view.getUint32(offset + 4, this.littleEndian) * 0x8000000;
      else if (stamp) {
        const time =
          delta + view.getUint32(offset + 4, this.littleEndian) * 0x8000000 - Number(BigInt.asUintN(59, origin));
        if (segment.exact === undefined) segment.exact = time;
        else segment.elapsed = time - segment.exact;
      }
      inLine += segment.elapsed - elapsed;
    }
    return segments;
  }
}

/** The page without what contradicts itself, or is too far away to be reckoned with. */
function consistent(page: TornPage): TornPage {
  const { low, high, time } = page;
  const apart = low !== undefined && high !== undefined && (high < low || high - low > MAX_SPAN);
  const [from, to] = apart ? [undefined, undefined] : [low, high];
  const within = (t: bigint): boolean =>
    (from === undefined || (t >= from && t - from <= MAX_SPAN)) &&
    (to === undefined || (t <= to && to - t <= MAX_SPAN));
  return { ...page, low: from, high: to, time: time !== undefined && within(time) ? time : undefined };
}

/** What lies before and behind each segment bounds its time. Lines next to a break say nothing of the others. */
function bound(segments: readonly Segment[], low: number, high: number): void {
  let lowest = low;
  for (const segment of segments) {
    segment.low = segment.exact ?? lowest - segment.untimed;
    if (segment.exact !== undefined) lowest = segment.exact + segment.elapsed - segment.unsure;
    else if (!segment.first) lowest += segment.elapsed - segment.unsure;
  }
  let highest = high;
  for (let k = segments.length - 1; k >= 0; k--) {
    const segment = segments[k]!;
    const elapsed = segment.elapsed - segment.unsure;
    segment.high = segment.exact ?? highest - elapsed;
    if (segment.exact !== undefined) highest = segment.exact;
    else if (!segment.first) highest -= elapsed;
    // What contradicts itself bounds nothing.
    if (segment.exact === undefined && segment.high < segment.low) {
      segment.low = low;
      segment.high = high;
    }
  }
}

/** The best estimates: the time that is left over between two sure ones is shared by the breaks, by their bytes. */
function estimate(segments: readonly Segment[], low: number, high: number): Run[] {
  const runs: Run[] = [];
  let time = low;
  let share = 0;
  segments.forEach((segment, k) => {
    const exact = segment.exact !== undefined;
    if (!exact && (k === 0 || segments[k - 1]!.exact !== undefined)) share = shareOf(segments, k, time, high);
    const before = exact
      ? segment.exact!
      : Math.round(Math.min(Math.max(time + share * segment.gap, segment.low), segment.high));
    time = before + segment.elapsed;
    runs.push({
      start: segment.start,
      end: segment.end,
      events: segment.events,
      before,
      after: time,
      exact,
      low: segment.low,
      high: segment.high,
      breakBefore: segment.breakBefore,
      doubts: segment.doubts,
    });
  });
  return runs;
}

/** Time for each byte that is not explained, from segment `from` to the next sure time. */
function shareOf(segments: readonly Segment[], from: number, time: number, high: number): number {
  let elapsed = 0;
  let bytes = 0;
  let gap = 0;
  let until = high;
  for (const segment of segments.slice(from)) {
    if (segment.exact !== undefined) {
      until = segment.exact;
      break;
    }
    elapsed += segment.elapsed;
    bytes += segment.end - segment.start;
    gap += segment.gap;
  }
  if (gap === 0) return 0;
  if (until === Number.POSITIVE_INFINITY) return bytes > 0 ? elapsed / bytes : 0;
  return Math.max(0, until - time - elapsed) / gap;
}
