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
  private next = 0;

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
    while (this.next < this.unknown.length && this.unknown[this.next]!.to <= from) this.next++;
    let start = from;
    for (let i = this.next; i < this.unknown.length; i++) {
      const lost = this.unknown[i]!;
      if (lost.from >= to) break;
      this.silent(start, lost.from);
      start = lost.to;
    }
    this.silent(start, to);
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
