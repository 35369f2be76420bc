import { TYPE_PADDING } from "../../ring/records.js";
import type { Knowledge } from "./knowledge.js";
import { Neighbour, tellsOf } from "./neighbours.js";
import { AFTER_GAP, type PathFinder } from "./path.js";
import { LINE, lineOf, type Words } from "./words.js";

/** Likelier than this to hold an older moment: the line's records are doubted; */
const DOUBTED = 0.9;
/** or so likely that the time behind it is not sure any more. */
const UNSURE = 0.2;
/** How likely a line next to one that is broken is an older moment's too. */
const NEXT_TO_BREAK = 0.1;
/** How likely two such lines, one behind the other, are of the same moment. */
const SAME_MOMENT = 0.5;
/** Bytes of an event, for want of better. */
const EVENT = 40;
const MOST_RATE = 0.2;
/** So likely a time that is called exact may be wrong. */
const MAX_RISK = 0.02;

/** The time before this record is not that after the one before it. */
export const SPLIT = 1;
/** The record begins in a line that seems to hold an older moment. */
export const STALE = 2;
/** The record ends in such a line. */
export const TORN_TAIL = 4;
/** From here on the time is too likely to be off by a line that gives itself away by nothing. */
export const RISKY = 8;
/** A switch whose previous task is not the one that ran before it. */
export const SWITCH_PREV = 16;

/**
 * Tells, along a path, which records have to do with lines that hold an older moment: where a break gives the line away, or
 * where its events are no neighbours of those in the lines before and behind it. Its tables are used again.
 */
export class LineWatch implements Words {
  /** SPLIT, STALE, TORN_TAIL, RISKY, SWITCH_PREV of each record. */
  marks = new Uint8Array(0);
  private readonly events: Neighbour[] = [];
  /** The line that a record's pid lies in; whether it is an event. */
  private head = new Int32Array(0);
  private isEvent = new Uint8Array(0);
  /** Blocks: records that follow each other within one line. The first of each; of the border before it, the odds. */
  private blocks = 0;
  private first = new Int32Array(0);
  private odds = new Float64Array(0);
  /** How likely (as a logarithm) all up to a block, and all behind it, is where it is sound and where it is stale. */
  private prior = new Float64Array(0);
  private sound = new Float64Array(0);
  private stale = new Float64Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));

  constructor(
    private readonly knowledge: Knowledge,
    readonly littleEndian: boolean,
    private readonly path: PathFinder,
  ) {}

  /** Marks the records of the path. */
  mark(view: DataView): void {
    const { count } = this.path;
    this.grow(count);
    this.view = view;
    this.marks.fill(0, 0, count);
    this.read(view);
    this.markBreaks();
    this.markSwitches();
    if (this.knowledge.staleRate === 0) return;
    this.divide();
    this.markBlocks();
    this.markRisk();
  }

  private grow(count: number): void {
    if (count <= this.marks.length) return;
    this.marks = new Uint8Array(count);
    this.head = new Int32Array(count);
    this.isEvent = new Uint8Array(count);
    this.first = new Int32Array(count + 1);
    this.odds = new Float64Array(count);
    this.prior = new Float64Array(count);
    this.sound = new Float64Array(count);
    this.stale = new Float64Array(count);
    while (this.events.length < count) this.events.push(new Neighbour());
  }

  private read(view: DataView): void {
    const { littleEndian, head, isEvent } = this;
    const { at, end, count } = this.path;
    for (let k = 0; k < count; k++) {
      const offset = at[k]!;
      const word = view.getUint32(offset, littleEndian);
      const typeLen = littleEndian ? word & 31 : word >>> 27;
      head[k] = lineOf(offset);
      isEvent[k] = typeLen < TYPE_PADDING ? 1 : 0;
      if (isEvent[k] === 0) continue;
      const data = offset + (typeLen === 0 ? 8 : 4);
      head[k] = lineOf(data + 4);
      this.events[k]!.read(this, offset, data, end[k]!);
    }
  }

  /** Where a record is followed by none, in another line than its own, the line it ends in is another moment's. */
  private markBreaks(): void {
    const { at, end, how, count } = this.path;
    const { marks } = this;
    for (let k = 1; k < count; k++) {
      if (how[k] !== AFTER_GAP) continue;
      const line = lineOf(end[k - 1]!);
      if (lineOf(at[k - 1]!) === line) continue;
      if (end[k - 1]! % LINE !== 0) marks[k - 1]! |= TORN_TAIL;
      for (let j = k; j < count && lineOf(at[j]!) === line; j++) marks[j]! |= STALE;
    }
  }

  /** sched_switch names the task that ran, which is its own; the event before it must be that task's, too. */
  private markSwitches(): void {
    const { count } = this.path;
    const { events, marks } = this;
    const { neighbours } = this.knowledge;
    for (let k = 0; k < count; k++) {
      const event = events[k]!;
      if (this.isEvent[k] === 0 || !neighbours.isSwitch(event.type)) continue;
      const before = this.eventBefore(k);
      const other = before >= 0 && this.path.how[k] !== AFTER_GAP && events[before]!.pid !== event.pid;
      const told = other && tellsOf(this, events[before]!, event.pid);
      if ((other && !told) || !tellsOf(this, event, event.pid)) marks[k]! |= SWITCH_PREV;
    }
  }

  /** Divides the path into blocks, and weighs the borders between them. */
  private divide(): void {
    const { how, count } = this.path;
    const { head, first, odds, prior, marks } = this;
    const rate = Math.min(MOST_RATE, this.knowledge.staleRate);
    let blocks = 0;
    for (let k = 0; k < count; k++) {
      const gap = how[k] === AFTER_GAP;
      if (k > 0 && !gap && head[k] === head[k - 1]) continue;
      first[blocks] = k;
      odds[blocks] = k === 0 ? 0 : this.border(k, gap);
      prior[blocks] = logit(gap && k > 0 ? NEXT_TO_BREAK : rate);
      if (gap && k > 0) prior[blocks - 1] = Math.max(prior[blocks - 1]!, logit(NEXT_TO_BREAK));
      // A break has told already.
      if (marks[k]! & STALE) prior[blocks] = Number.POSITIVE_INFINITY;
      blocks++;
    }
    first[blocks] = count;
    this.blocks = blocks;
  }

  /** How much likelier the events on both sides of record `k`'s beginning are of different moments. */
  private border(k: number, gap: boolean): number {
    const before = this.eventBefore(k);
    const behind = this.eventFrom(k);
    if (before < 0 || behind < 0) return 0;
    const { neighbours } = this.knowledge;
    const event = this.events[before]!;
    const next = this.events[behind]!;
    if (gap) return neighbours.oddsAcross(event, next, (next.start - event.end) / EVENT);
    return neighbours.odds(event, next, tellsOf(this, event, next.pid));
  }

  private eventBefore(k: number): number {
    const { how } = this.path;
    for (let j = k - 1; j >= 0; j--) {
      if (this.isEvent[j] === 1) return j;
      if (how[j] === AFTER_GAP) return -1;
    }
    return -1;
  }

  private eventFrom(k: number): number {
    const { how, count } = this.path;
    for (let j = k; j < count && (j === k || how[j] !== AFTER_GAP); j++) if (this.isEvent[j] === 1) return j;
    return -1;
  }

  /**
   * How likely each block is stale: by what is before it and what is behind it, each being sound or stale itself (the forward
   * and backward sums over a chain of two states).
   */
  private markBlocks(): void {
    const { blocks, odds, prior, sound, stale } = this;
    let fresh = 0;
    let old = 0;
    for (let k = 0; k < blocks; k++) {
      const change = k === 0 ? 0 : odds[k]!;
      const both = stay(change);
      [fresh, old] = k === 0 ? [0, 0] : [sum(fresh, old + change), sum(fresh + change, old + both)];
      if (prior[k] === Number.POSITIVE_INFINITY) fresh = Number.NEGATIVE_INFINITY;
      else old += prior[k]!;
      sound[k] = fresh;
      stale[k] = old;
    }
    fresh = 0;
    old = 0;
    for (let k = blocks - 1; k >= 0; k--) {
      this.markBlock(k, 1 / (1 + Math.exp(sound[k]! + fresh - stale[k]! - old)));
      const change = odds[k]!;
      const weight = prior[k]!;
      const [a, b] = weight === Number.POSITIVE_INFINITY ? [Number.NEGATIVE_INFINITY, old] : [fresh, old + weight];
      fresh = sum(a, b + change);
      old = sum(a + change, b + stay(change));
    }
  }

  private markBlock(k: number, likely: number): void {
    if (likely < UNSURE) return;
    const { first, marks } = this;
    const from = first[k]!;
    const to = first[k + 1]!;
    if (from > 0) marks[from]! |= SPLIT;
    if (to < this.path.count) marks[to]! |= SPLIT;
    if (likely < DOUBTED) return;
    for (let j = from; j < to; j++) marks[j]! |= STALE;
    if (from > 0 && this.path.how[from] !== AFTER_GAP && this.crosses(from - 1)) marks[from - 1]! |= TORN_TAIL;
  }

  /** The risk grows by every line that the time was told through. */
  private markRisk(): void {
    const { count } = this.path;
    const lines = MAX_RISK / this.knowledge.silentRate;
    for (let k = 1; k < count; k++) {
      if (this.head[k]! - this.head[0]! < lines) continue;
      this.marks[k]! |= RISKY;
      return;
    }
  }

  private crosses(k: number): boolean {
    const { at, end } = this.path;
    return lineOf(at[k]!) !== lineOf(end[k]! - 1);
  }
}

function logit(likely: number): number {
  return Math.log(likely / (1 - likely));
}

/** The weight of two stale blocks behind each other. */
function stay(change: number): number {
  return sum(Math.log(SAME_MOMENT), Math.log(1 - SAME_MOMENT) + change);
}

/** The logarithm of the sum of two numbers that are given by theirs. */
function sum(a: number, b: number): number {
  const more = Math.max(a, b);
  return more === Number.NEGATIVE_INFINITY ? more : more + Math.log(Math.exp(a - more) + Math.exp(b - more));
}
