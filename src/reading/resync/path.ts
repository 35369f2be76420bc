import { MAX_SPAN } from "../walk.js";
import { Candidate } from "./candidate.js";
import type { Knowledge } from "./knowledge.js";
import type { TornPage } from "./page.js";
import { LINE, lineOf } from "./words.js";

/** How a record follows what is before it: it begins where the one before ends, */
export const CONTINUED = 0;
/** behind bytes that are not explained, */
export const AFTER_GAP = 1;
/** or where the one before ends, but its time delta is not believed. */
export const UNTIMED = 2;

/** What an explanation loses where records end in the middle of a page: more where the line border makes no sense of it. */
const BREAK = 8;
const BREAK_INSIDE_LINE = 4;
const BREAK_CROSSING = 2;
/** Where they begin again. */
const START = 6;
/** For each word that is not explained. */
const UNEXPLAINED_WORD = 0.02;
/** What it gains where records begin at the page's start, or reach its end. */
const PAGE_START = 3;
const PAGE_END = 8;
/** What it loses by a delta that leads beyond the next page, and is larger than those before it. */
const LATE = 15;
/** The weights of an event behind a time extend or stamp, which has no delta of its own (rb_update_event()). */
const EXTENDED = 2;
const EXTENDED_TWICE = -4;
/** An event less likely may be none, even in step with all others: a break would cost less. */
const HARDLY = -(BREAK + START);

/**
 * The best whole explanation of a page: which records there are, by dynamic programming over its 4-byte positions. The
 * tables are used again from page to page.
 */
export class PathFinder {
  /** How many records the path has; where each begins and ends, and how it follows what is before (CONTINUED...). */
  count = 0;
  at = new Int32Array(0);
  end = new Int32Array(0);
  how = new Uint8Array(0);

  readonly candidate: Candidate;
  private size = 0;
  /** For each position: the best explanation of what is before it in which a record ends there. */
  private chain = new Float64Array(0);
  private chainFrom = new Int32Array(0);
  private chainTime = new Float64Array(0);
  /** The largest delta that its time rests on. */
  private chainLargest = new Float64Array(0);
  private chainHow = new Uint8Array(0);
  /** The best one that is out of step with the records there, and where it was in step last. */
  private gap = new Float64Array(0);
  private gapFrom = new Int32Array(0);
  private gapTime = new Float64Array(0);
  private gapLargest = new Float64Array(0);

  constructor(
    private readonly knowledge: Knowledge,
    littleEndian: boolean,
  ) {
    this.candidate = new Candidate(knowledge, littleEndian);
  }

  /** Finds the best path. `origin`: what times are reckoned from. */
  find(page: TornPage, origin: bigint): void {
    this.knowledge.settle();
    const { stampsTo } = page;
    this.candidate.setOrigin(origin, stampsTo === undefined ? Number.POSITIVE_INFINITY : Number(stampsTo - origin));
    this.grow(wordsOf(page) + 1);
    const n = committedWords(page);
    const span = timeOf(page, origin);
    if (page.time === undefined || n === undefined || !this.walk(page, n, span)) {
      this.fill(page, n ?? wordsOf(page), span);
      this.trace(page, n ?? wordsOf(page), n !== undefined);
    }
  }

  private grow(words: number): void {
    if (words <= this.size) return;
    this.size = words;
    this.at = new Int32Array(words);
    this.end = new Int32Array(words);
    this.how = new Uint8Array(words);
    this.chain = new Float64Array(words);
    this.chainFrom = new Int32Array(words);
    this.chainTime = new Float64Array(words);
    this.chainLargest = new Float64Array(words);
    this.chainHow = new Uint8Array(words);
    this.gap = new Float64Array(words);
    this.gapFrom = new Int32Array(words);
    this.gapTime = new Float64Array(words);
    this.gapLargest = new Float64Array(words);
  }

  /**
   * True where the records, one after another, reach the committed end, each can be one, and at most one delta leads
   * too far: then that is the path, and no other explanation is better.
   */
  private walk(page: TornPage, n: number, span: number): boolean {
    const { candidate, at, end, how } = this;
    const last = page.start + 4 * n;
    let time = 0;
    let largest = 0;
    let count = 0;
    for (let offset = page.start; offset < last; offset += candidate.length) {
      if (!candidate.read(page.view, offset, last, page.end)) return false;
      if (candidate.event && candidate.weight < HARDLY) return false;
      if (candidate.absolute && candidate.more < time) return false;
      time = candidate.absolute ? candidate.more : time + candidate.more;
      if (!candidate.absolute) largest = Math.max(largest, candidate.more);
      at[count] = offset;
      end[count] = offset + candidate.length;
      how[count++] = CONTINUED;
    }
    this.count = count;
    return time - largest <= span;
  }

  /** Finds for each position the best explanation of what is before it: in step with the records, and out of step. */
  private fill(page: TornPage, n: number, span: number): void {
    const { chain, chainFrom, chainTime, chainLargest, chainHow, knowledge, candidate } = this;
    const { gap, gapFrom, gapTime, gapLargest } = this;
    const { view, start } = page;
    chain.fill(Number.NEGATIVE_INFINITY, 0, n + 1);
    gap.fill(Number.NEGATIVE_INFINITY, 0, n + 1);
    chain[0] = page.time === undefined ? 0 : PAGE_START;
    chainFrom[0] = -1;
    chainTime[0] = chainLargest[0] = 0;
    /** Where a time extend or stamp ends: its event's delta is 0. */
    let extended = -1;
    const end = start + 4 * n;
    for (let w = 0; w <= n; w++) {
      const inStep = chain[w]!;
      if (w > 0) {
        gap[w] = gap[w - 1]! - UNEXPLAINED_WORD;
        gapFrom[w] = gapFrom[w - 1]!;
        gapTime[w] = gapTime[w - 1]!;
        gapLargest[w] = gapLargest[w - 1]!;
      }
      const broken = inStep - this.breakWeight(start, w);
      if (w < n && broken > gap[w]!) {
        gap[w] = broken;
        gapFrom[w] = w;
        gapTime[w] = chainTime[w]!;
        gapLargest[w] = chainLargest[w]!;
      }
      if (!candidate.read(view, start + 4 * w, end, page.end)) continue;
      const { absolute, event, delta, more } = candidate;
      let { weight } = candidate;
      if (!event && (more < 0 || more > span)) continue;
      const to = w + (candidate.length >> 2);
      const fresh = event ? knowledge.delta(delta) : 0;
      if (inStep > Number.NEGATIVE_INFINITY) {
        const time = absolute ? more : chainTime[w]! + more;
        const late = time > span;
        let value = inStep + weight;
        if (event && w > 0) {
          if (extended !== w || chainFrom[w] !== w - 2) value += fresh;
          else value += delta === 0 ? EXTENDED : EXTENDED_TWICE;
        }
        if (event && value < inStep + HARDLY) value = inStep + HARDLY;
        // One delta is wrong: the largest, which need not be this one.
        const largest = absolute ? 0 : Math.max(chainLargest[w]!, more);
        if (late && more >= largest) value -= LATE;
        if (value > chain[to]! && !(absolute && time < chainTime[w]!)) {
          chain[to] = value;
          chainFrom[to] = w;
          chainTime[to] = !late ? time : time - largest <= span ? time - largest : chainTime[w]!;
          chainLargest[to] = late ? 0 : largest;
          chainHow[to] = CONTINUED;
        }
      }
      weight += fresh - START;
      if (gap[w]! + weight > chain[to]!) {
        const time = absolute ? more : gapTime[w]! + more;
        chain[to] = gap[w]! + weight;
        chainFrom[to] = w;
        chainTime[to] = time > span ? gapTime[w]! : time;
        chainLargest[to] = absolute ? 0 : time > span ? gapLargest[w]! : Math.max(gapLargest[w]!, more);
        chainHow[to] = AFTER_GAP;
      }
      if (!event && candidate.length === 8 && candidate.more > 0) extended = to;
    }
  }

  /** What it costs that the record which ends at `w` is followed by none. */
  private breakWeight(start: number, w: number): number {
    const from = this.chainFrom[w]!;
    const at = start + 4 * w;
    if (from < 0 || at % LINE === 0) return BREAK;
    return BREAK + (lineOf(start + 4 * from) === lineOf(at) ? BREAK_INSIDE_LINE : BREAK_CROSSING);
  }

  /** Follows the best explanation back from its end, then puts it in order. */
  private trace(page: TornPage, n: number, told: boolean): void {
    const { chain, chainFrom, chainHow, gap, gapFrom, at, end, how } = this;
    let w = n;
    let inStep = chain[n]! + PAGE_END > gap[n]!;
    if (!told) {
      // Where the commit is not known, records end where a page is full, or somewhere.
      let best = Math.max(chain[n]! + PAGE_END, gap[n]!);
      for (let v = n - 1; v > 0; v--) {
        const value = chain[v]! + (v === n - 1 ? PAGE_END : -BREAK);
        if (value > best) {
          best = value;
          w = v;
          inStep = true;
        }
      }
    }
    let count = 0;
    for (;;) {
      if (!inStep) w = gapFrom[w]!;
      const from = chainFrom[w]!;
      if (from < 0) break;
      at[count] = page.start + 4 * from;
      end[count] = page.start + 4 * w;
      how[count] = chainHow[w]!;
      inStep = chainHow[w] !== AFTER_GAP;
      w = from;
      count++;
    }
    this.count = count;
    at.subarray(0, count).reverse();
    end.subarray(0, count).reverse();
    how.subarray(0, count).reverse();
  }
}

function wordsOf({ start, end }: TornPage): number {
  return (end - start) >> 2;
}

/** Where the commit says that records end, in words, if it can be so. */
function committedWords(page: TornPage): number | undefined {
  const { committed } = page;
  return committed !== undefined && committed <= 4 * wordsOf(page) && committed % 4 === 0 ? committed >> 2 : undefined;
}

/** The time that the page has. */
export function timeOf({ high }: TornPage, origin: bigint): number {
  return Number(high === undefined || high - origin > MAX_SPAN ? MAX_SPAN : high - origin);
}
