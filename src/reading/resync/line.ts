import { TYPE_PADDING } from "../../ring/records.js";
import type { Knowledge } from "./knowledge.js";
import { AFTER_GAP, type PathFinder } from "./path.js";
import { holdsPid, LINE, lineOf, type Words } from "./words.js";

/** A change of task that is rarer than this behind an event of some id is taken for another line's content. */
const RARE = 0.02;
/** Bytes that another moment's records fill at most where their task gives them away. */
const FOREIGN = 256;

/** The time before this record is not that after the one before it. */
export const SPLIT = 1;
/** The record begins in a line that seems to hold an older moment. */
export const STALE = 2;
/** The record ends in such a line. */
export const TORN_TAIL = 4;

/** Tells, along a path, which records have to do with lines that hold an older moment. Its tables are used again. */
export class LineWatch implements Words {
  /** SPLIT, STALE, TORN_TAIL of each record. */
  marks = new Uint8Array(0);
  private pid = new Int32Array(0);
  private type = new Int32Array(0);
  /** The line that the pid lies in. */
  private head = new Int32Array(0);
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
    const broken = this.markBreaks();
    this.markStretches(broken);
    if (broken) this.markForeign();
  }

  private grow(count: number): void {
    if (count <= this.marks.length) return;
    this.marks = new Uint8Array(count);
    this.pid = new Int32Array(count);
    this.type = new Int32Array(count);
    this.head = new Int32Array(count);
  }

  private read(view: DataView): void {
    const { littleEndian } = this;
    const { at, count } = this.path;
    for (let k = 0; k < count; k++) {
      const offset = at[k]!;
      const word = view.getUint32(offset, littleEndian);
      const typeLen = littleEndian ? word & 31 : word >>> 27;
      this.head[k] = lineOf(offset);
      if (typeLen >= TYPE_PADDING) {
        this.type[k] = -1;
        continue;
      }
      const data = offset + (typeLen === 0 ? 8 : 4);
      this.head[k] = lineOf(data + 4);
      this.type[k] = view.getUint16(data, littleEndian);
      this.pid[k] = view.getInt32(data + 4, littleEndian);
    }
  }

  /** Where a record is followed by none, in another line than its own, the line it ends in is another moment's. */
  private markBreaks(): boolean {
    const { at, end, how, count } = this.path;
    const { marks } = this;
    let broken = false;
    for (let k = 1; k < count; k++) {
      if (how[k] !== AFTER_GAP) continue;
      broken = true;
      const line = lineOf(end[k - 1]!);
      if (lineOf(at[k - 1]!) === line) continue;
      if (end[k - 1]! % LINE !== 0) marks[k - 1]! |= TORN_TAIL;
      for (let j = k; j < count && lineOf(at[j]!) === line; j++) marks[j]! |= STALE;
    }
    return broken;
  }

  /** Where the task changes behind an event that does not change it, and back, a line in between is another moment's. */
  private markStretches(broken: boolean): void {
    const { how, count } = this.path;
    const { marks, head } = this;
    for (let k = 1; k < count; k++) {
      if (how[k] === AFTER_GAP) continue;
      const before = this.eventBefore(k);
      if (before < 0 || head[before] === head[k]) continue;
      const rate = this.rate(before, k);
      if (rate === 1) continue;
      const back = this.back(before, k, rate);
      if (back === k) {
        if (broken && rate < RARE) marks[k]! |= SPLIT;
        continue;
      }
      if (this.crosses(before)) marks[before]! |= TORN_TAIL;
      marks[k]! |= SPLIT;
      marks[back]! |= SPLIT;
      for (let j = k; j < back; j++) marks[j]! |= STALE;
      k = back;
    }
  }

  /** Where the task changes at a break, and is back soon at another, what lies in between is another moment's. */
  private markForeign(): void {
    const { at, end, how, count } = this.path;
    const { marks, pid, type } = this;
    for (let k = 1; k < count; k++) {
      if ((how[k] !== AFTER_GAP && (marks[k]! & SPLIT) === 0) || marks[k]! & STALE) continue;
      let before = this.eventBefore(k);
      while (before >= 0 && marks[before]! & STALE) before = this.eventBefore(before);
      if (before < 0 || !this.odd(before, k)) continue;
      const task = pid[before]!;
      let next = k + 1;
      let last = k;
      for (; next < count && at[next]! - at[k]! <= FOREIGN; next++) {
        if (type[next]! < 0) continue;
        if (pid[next] === task) break;
        last = next;
      }
      if (next >= count || pid[next] !== task || type[next]! < 0) continue;
      if (holdsPid(this, at[last]!, end[last]!, task)) continue;
      for (let j = k; j < next; j++) marks[j]! |= STALE;
      k = next - 1;
    }
  }

  private crosses(k: number): boolean {
    const { at, end } = this.path;
    return lineOf(at[k]!) !== lineOf(end[k]! - 1);
  }

  /** Where the task of `before` is back behind the line in which k begins; k where it is not. */
  private back(before: number, k: number, rate: number): number {
    const { how, count } = this.path;
    const line = this.head[k]!;
    let last = k;
    while (last + 1 < count && how[last + 1] !== AFTER_GAP && this.head[last + 1] === line) last++;
    const next = last + 1;
    if (next >= count || how[next] === AFTER_GAP || this.type[next]! < 0 || this.type[last]! < 0) return k;
    return this.pid[next] === this.pid[before] && rate * this.rate(last, next) < RARE * RARE ? next : k;
  }

  private eventBefore(k: number): number {
    if (this.type[k]! < 0) return -1;
    let before = k - 1;
    while (before >= 0 && this.type[before]! < 0) before--;
    return before;
  }

  /** Whether the task changes between two events where it does not. */
  private odd(before: number, k: number): boolean {
    return this.rate(before, k) < RARE;
  }

  /** How often the task changes as it does between two events; 1 where it does not, or where the first tells of it. */
  private rate(before: number, k: number): number {
    if (this.pid[before] === this.pid[k]) return 1;
    const rate = this.knowledge.switches(this.type[before]!);
    if (rate === undefined) return 1;
    return holdsPid(this, this.path.at[before]!, this.path.end[before]!, this.pid[k]!) ? 1 : rate;
  }
}
