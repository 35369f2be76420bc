import { Heap } from "../../ground/heap.js";
import { lastUpTo } from "../../ground/last-up-to.js";

/** A piece of a file that is written in pieces. */
export interface WrittenPiece {
  /** Where it stands in the file that is meant. */
  readonly start: number;
  readonly size: number;
  /** Where its bytes lie. */
  readonly place: number;
}

/**
 * What stands in the file in the end, ascending, none overlapping: where two pieces write the same bytes, the later one
 * holds. makedumpfile goes back to write the header last.
 * @param written in the order of writing
 */
export function lastWritten(written: readonly WrittenPiece[]): WrittenPiece[] {
  const byStart = written.map((_, turn) => turn).sort((a, b) => written[a]!.start - written[b]!.start || a - b);
  const ends = written.map(endOf).sort((a, b) => a - b);
  const kept: { start: number; size: number; place: number; turn: number }[] = [];
  /** Turns of the pieces that go on here, or have ended. */
  const open = new Turns();
  let opened = 0;
  let ended = 0;
  while (ended < ends.length) {
    const start = opened < byStart.length ? written[byStart[opened]!]!.start : Number.POSITIVE_INFINITY;
    const at = Math.min(start, ends[ended]!);
    while (opened < byStart.length && written[byStart[opened]!]!.start === at) open.push(byStart[opened++]!);
    while (ended < ends.length && ends[ended] === at) ended++;
    let turn = open.first;
    while (turn !== undefined && endOf(written[turn]!) <= at) {
      open.removeFirst();
      turn = open.first;
    }
    if (turn === undefined) continue;
    const next = opened < byStart.length ? written[byStart[opened]!]!.start : Number.POSITIVE_INFINITY;
    const to = Math.min(next, ends[ended]!);
    const last = kept.at(-1);
    if (last?.turn === turn && last.start + last.size === at) last.size += to - at;
    else kept.push({ start: at, size: to - at, place: written[turn]!.place + at - written[turn]!.start, turn });
  }
  return kept;
}

const endOf = ({ start, size }: WrittenPiece): number => start + size;

/** The index of the last piece that begins at or before `offset`; -1 where none does. */
export function pieceBefore(pieces: readonly WrittenPiece[], offset: number): number {
  return lastUpTo(pieces.length, (i) => pieces[i]!.start, offset);
}

/** The latest first. */
class Turns extends Heap {
  protected isBefore(a: number, b: number): boolean {
    return a > b;
  }
}
