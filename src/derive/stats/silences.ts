import { lastUpTo } from "../../ground/last-up-to.js";

/** A stretch of time. Times since the origin. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** The longest stretches of time without an event. What is not known is no silence. */
export class Silences {
  /** Longest first. */
  readonly longest: Gap[] = [];
  /** The first unknown stretch that is not over yet. */
  private next: number | undefined;

  /**
   * @param room how many are kept
   * @param unknown when events were lost: oldest first, apart from each other
   */
  constructor(
    private readonly room: number,
    private readonly unknown: readonly Gap[],
  ) {}

  /** Nothing from here to there; no `from` is before an earlier one. */
  nothing(from: number, to: number): void {
    const { unknown } = this;
    let next = this.next ?? lastUpTo(unknown.length, (i) => unknown[i]!.to, from) + 1;
    while (next < unknown.length && unknown[next]!.to <= from) next++;
    this.next = next;
    let start = from;
    for (let i = next; i < unknown.length; i++) {
      const lost = unknown[i]!;
      if (lost.from >= to) break;
      this.silent(start, lost.from);
      start = lost.to;
    }
    this.silent(start, to);
  }

  /** What was silent behind that. */
  append(longest: readonly Gap[]): void {
    for (const { from, to } of longest) this.silent(from, to);
  }

  private silent(from: number, to: number): void {
    const { longest, room } = this;
    const length = to - from;
    if (!(length > 0)) return;
    const last = longest[room - 1];
    if (last !== undefined && last.to - last.from >= length) return;
    const place = longest.findIndex((other) => other.to - other.from < length);
    longest.splice(place < 0 ? longest.length : place, 0, { from, to });
    if (longest.length > room) longest.pop();
  }
}
