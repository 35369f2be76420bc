import { MAX_SPAN } from "../walk.js";
import { blame } from "./blame.js";
import type { Knowledge } from "./knowledge.js";
import { LineWatch, RISKY, SPLIT, STALE, SWITCH_PREV, TORN_TAIL } from "./line.js";
import type { TornPage } from "./page.js";
import { CONTINUED, PathFinder, UNTIMED } from "./path.js";
import { lineOf } from "./words.js";

export type DoubtCode = "line-border" | "stale-line" | "switch-prev" | "duplicate";

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
  /** Nothing in the page is later; Infinity where nothing bounds it. */
  readonly highest: number;
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
  /** It is the first line after a break: perhaps an older moment's. */
  first: boolean;
  /** Its time was told through so many lines that one of them may be another moment's. */
  risky: boolean;
  /** There is a break in front of it. */
  behindBreak: boolean;
  /** Bytes that are not explained in front of it. */
  gap: number;
  breakBefore: number | undefined;
  doubts: Doubt[];
  low: number;
  high: number;
}

/** Explains the records of torn sub-buffers, one after another. */
export class Explainer {
  private readonly path: PathFinder;
  private readonly lines: LineWatch;

  constructor(knowledge: Knowledge, littleEndian: boolean) {
    this.path = new PathFinder(knowledge, littleEndian);
    this.lines = new LineWatch(knowledge, littleEndian, this.path);
  }

  explain(torn: TornPage): PageExplanation {
    const explained = this.explainTimed(consistent(torn));
    if (!torn.unconfirmed || !breaksBehindHeader(explained, torn.start)) return explained;
    return this.explainTimed(consistent({ ...torn, time: undefined, low: torn.time }));
  }

  private explainTimed(page: TornPage): PageExplanation {
    const { time, low, high } = page;
    // Without a lower bound, times are told from the upper one.
    const earliest = low ?? (high !== undefined && high > MAX_SPAN ? high - MAX_SPAN : 0n);
    const origin = time ?? earliest;
    const highest = high === undefined ? Number.POSITIVE_INFINITY : Number(high - origin);
    this.path.find(page, origin);
    blame(this.path, page, origin);
    const segments = this.segments(page);
    bound(segments, highest);
    const late = time === undefined && low === undefined && high !== undefined;
    return { origin, runs: estimate(segments, highest, late), highest };
  }

  private segments(page: TornPage): Segment[] {
    const { at, end, how, count, candidate } = this.path;
    const { view } = page;
    const segments: Segment[] = [];
    let segment: Segment | undefined;
    let lastLine = -1;
    let inLine = 0;
    /** The longest that a line takes. */
    let longest = 0;
    /** The event before, where it reaches over the border of a line. */
    let tail = -1;
    this.lines.mark(view);
    const { marks } = this.lines;
    for (let k = 0; k < count; k++) {
      const offset = at[k]!;
      candidate.read(view, offset, end[k]!, page.end);
      const { event, extend, absolute, delta, more } = candidate;
      const mark = marks[k]!;
      const line = lineOf(offset);
      const start = offset === page.start && page.time !== undefined;
      const broken = how[k] !== CONTINUED || (mark & SPLIT) !== 0 || (k === 0 && !start);
      const anchor = absolute && segment?.exact === undefined;
      const settled = segment?.first === true && line !== lastLine;
      const risky = (mark & RISKY) !== 0 && segment?.exact !== undefined;
      if (segment === undefined || broken || anchor || settled || risky) {
        const before: number = segment === undefined ? page.start : segment.end;
        if (segment !== undefined && broken) segment.unsure = inLine;
        if (settled && segment?.behindBreak && tail >= 0 && tail !== segment.doubts.at(-1)?.offset)
          segment.doubts.push({ offset: tail, code: "line-border" });
        segment = segmentAt(offset, broken ? before : undefined);
        if (start && !broken) segment.exact = 0;
        if (how[k] === UNTIMED) segment.untimed = more;
        else segment.behindBreak = broken && offset !== page.start;
        segment.risky = risky;
        segments.push(segment);
        lastLine = -1;
      }
      const elapsed = segment.elapsed;
      if (line !== lastLine) inLine = 0;
      lastLine = line;
      segment.end = end[k]!;
      if (event) {
        segment.events++;
        segment.elapsed += delta;
        const code = doubtOf(mark);
        if (code !== undefined) segment.doubts.push({ offset, code });
      } else if (extend) segment.elapsed += more;
      else if (absolute) {
        if (segment.exact === undefined) segment.exact = more;
        else segment.elapsed = more - segment.exact;
      }
      inLine += segment.elapsed - elapsed;
      if (!segment.first) longest = Math.max(longest, inLine);
      tail = event && lineOf(end[k]! - 1) !== line ? offset : -1;
    }
    for (const segment of segments) if (segment.risky) segment.untimed = segment.unsure = longest;
    return segments;
  }
}

/** One that begins there. @param breakBefore see Segment */
function segmentAt(offset: number, breakBefore: number | undefined): Segment {
  return {
    start: offset,
    end: offset,
    events: 0,
    elapsed: 0,
    untimed: 0,
    unsure: 0,
    exact: undefined,
    first: breakBefore !== undefined,
    risky: false,
    behindBreak: false,
    gap: breakBefore === undefined ? 0 : Math.max(4, offset - breakBefore),
    breakBefore,
    doubts: [],
    low: 0,
    high: 0,
  };
}

/** What an event's mark says against it. */
function doubtOf(mark: number): DoubtCode | undefined {
  if (mark & STALE) return "stale-line";
  if (mark & TORN_TAIL) return "line-border";
  return mark & SWITCH_PREV ? "switch-prev" : undefined;
}

/** Whether the line that the time stamp lies in and the next are not of the same moment. */
function breaksBehindHeader({ runs }: PageExplanation, start: number): boolean {
  const [first, second] = runs;
  if (first === undefined || first.start !== start || !first.exact) return false;
  return second?.breakBefore !== undefined && lineOf(second.breakBefore - 1) <= 1;
}

/** The page without what contradicts itself, or is too far away to bound anything. */
function consistent(page: TornPage): TornPage {
  const { time } = page;
  let { low, high } = page;
  if (low !== undefined && high !== undefined && high < low) low = high = undefined;
  if (high !== undefined && high - (time ?? low ?? high) > MAX_SPAN) high = undefined;
  if (low !== undefined && (time ?? low) - low > MAX_SPAN) low = undefined;
  const outside = time !== undefined && ((low !== undefined && time < low) || (high !== undefined && time > high));
  return { ...page, low, high, time: outside ? undefined : time };
}

/** What lies before and behind each segment bounds its time. Lines next to a break say nothing of the others. */
function bound(segments: readonly Segment[], high: number): void {
  let lowest = 0;
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
      segment.low = 0;
      segment.high = high;
    }
  }
}

/** The best estimates: the time that is left over between two sure ones is shared by the breaks, by their bytes. */
function estimate(segments: readonly Segment[], high: number, late: boolean): Run[] {
  const runs: Run[] = [];
  let time = 0;
  let share = 0;
  segments.forEach((segment, k) => {
    const exact = segment.exact !== undefined;
    if (!exact && (k === 0 || segments[k - 1]!.exact !== undefined)) share = shareOf(segments, k, time, high);
    const before = exact
      ? segment.exact!
      : Math.round(Math.min(Math.max(late ? segment.high : time + share * segment.gap, segment.low), segment.high));
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
