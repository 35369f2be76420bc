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
  const ends = written.map(({ start, size }) => start + size).sort((a, b) => a - b);
  const kept: { start: number; size: number; place: number; turn: number }[] = [];
  /** Turns of the pieces that go on here, or have ended; the latest on top. */
  const open: number[] = [];
  let opened = 0;
  let ended = 0;
  while (ended < ends.length) {
    const start = opened < byStart.length ? written[byStart[opened]!]!.start : Number.POSITIVE_INFINITY;
    const at = Math.min(start, ends[ended]!);
    while (opened < byStart.length && written[byStart[opened]!]!.start === at) push(open, byStart[opened++]!);
    while (ended < ends.length && ends[ended] === at) ended++;
    while (open.length > 0 && written[open[0]!]!.start + written[open[0]!]!.size <= at) pop(open);
    if (open.length === 0) continue;
    const next = opened < byStart.length ? written[byStart[opened]!]!.start : Number.POSITIVE_INFINITY;
    const to = Math.min(next, ends[ended]!);
    const turn = open[0]!;
    const last = kept.at(-1);
    if (last?.turn === turn && last.start + last.size === at) last.size += to - at;
    else kept.push({ start: at, size: to - at, place: written[turn]!.place + at - written[turn]!.start, turn });
  }
  return kept;
}

/** The index of the last piece that begins at or before `offset`; -1 where none does. */
export function pieceBefore(pieces: readonly WrittenPiece[], offset: number): number {
  return lastUpTo(pieces.length, (i) => pieces[i]!.start, offset);
}

/** A heap: the largest number is its first. */
function push(heap: number[], value: number): void {
  let at = heap.push(value) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent]! >= value) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = value;
}

function pop(heap: number[]): void {
  const value = heap.pop()!;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]! > heap[child]!) child++;
    if (heap[child]! <= value) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = value;
}
