import { LINE, lineOf } from "./words.js";

/** Places in a line where a record can begin; lines that a record goes over are told apart up to this. */
const PLACES = LINE / 4;
const MAX_LINES = 8;

/**
 * Where in its line the first record begins, and where that of the next one does. Two lines with the same of both can stand for
 * each other, and the chain of records goes through: the more uniform a trace's events, the more often.
 */
export class Steps {
  private readonly counts = new Uint32Array(PLACES * MAX_LINES * PLACES);
  private total = 0;
  private place = -1;
  private line = -1;

  /** Begins a chain of records. */
  open(): void {
    this.line = -1;
  }

  /** The next record of the chain begins here. */
  learn(offset: number): void {
    const line = lineOf(offset);
    if (line === this.line) return;
    const place = (offset % LINE) >> 2;
    if (this.line >= 0) {
      const lines = Math.min(MAX_LINES, line - this.line) - 1;
      this.counts[(this.place * MAX_LINES + lines) * PLACES + place]!++;
      this.total++;
    }
    this.line = line;
    this.place = place;
  }

  /** How often two lines are alike in this. */
  get alike(): number {
    let sum = 0;
    for (const count of this.counts) sum += count * count;
    return this.total === 0 ? 0 : sum / this.total ** 2;
  }
}
