/** A stretch of ids whose physical indices follow one another. */
export interface IdRun {
  readonly id: number;
  readonly index: number;
  readonly length: number;
}

/** Why ids and physical indices differ, as far as buffers[] tells. */
export interface IdOrder {
  /** Ids whose index is another number. */
  readonly moved: number;
  /** The fewest reader swaps that lead from 0, 1, 2, ... to this order. */
  readonly leastSwaps: number;
  /** The sub-buffers that readers took, in order, where one pass of a reader explains all; else empty. */
  readonly taken: readonly { readonly id: number; readonly index: number; readonly replacedBy: number }[];
  /** Most ids differ from their indices by the same amount, mod nr: a boot rewound and numbered the ring anew. */
  readonly renumbered: boolean;
  /** Stretches of ids that moved. */
  readonly runs: readonly IdRun[];
}

/**
 * Explains buffers[] (physical index by id). Each time a reader takes the head page, buffers[0] and buffers[id] are
 * exchanged (rb_update_meta_reader(), ring_buffer.c); nothing else moves ids but a boot that rewinds.
 */
export function explainIds(indexById: readonly number[]): IdOrder {
  const nr = indexById.length;
  const moved = indexById.reduce((sum, index, id) => sum + (index === id ? 0 : 1), 0);
  const shifts = new Uint32Array(nr);
  indexById.forEach((index, id) => {
    shifts[(((index - id) % nr) + nr) % nr]!++;
  });
  const renumbered = shifts.some((count, shift) => shift > 0 && count > nr / 2);
  return {
    moved,
    leastSwaps: leastSwaps(indexById),
    taken: renumbered ? [] : takenInOrder(indexById),
    renumbered,
    runs: movedRuns(indexById),
  };
}

/** Each cycle of the permutation with 0 in it takes its length less one exchanges with 0; another its length plus one. */
function leastSwaps(indexById: readonly number[]): number {
  const seen = new Uint8Array(indexById.length);
  let swaps = 0;
  for (let start = 0; start < indexById.length; start++) {
    let length = 0;
    for (let id = start; !seen[id]; id = indexById[id]!) {
      if (indexById[id]! < 0 || indexById[id]! >= indexById.length) break;
      seen[id] = 1;
      length++;
    }
    if (length > 1) swaps += start === 0 ? length - 1 : length + 1;
  }
  return swaps;
}

/** Follows the chain back from the reader page: which sub-buffer it replaced, which one that had replaced, ... */
function takenInOrder(indexById: readonly number[]): IdOrder["taken"] {
  const taken: { id: number; index: number; replacedBy: number }[] = [];
  let index = indexById[0] ?? 0;
  while (index !== 0 && taken.length <= indexById.length) {
    const replacedBy = indexById[index];
    if (replacedBy === undefined) return [];
    taken.push({ id: index, index, replacedBy });
    index = replacedBy;
  }
  const moved = indexById.reduce((sum, found, id) => sum + (found === id ? 0 : 1), 0);
  return index === 0 && (moved === 0 || moved === taken.length + 1) ? taken.reverse() : [];
}

function movedRuns(indexById: readonly number[]): IdRun[] {
  const runs: { id: number; index: number; length: number }[] = [];
  indexById.forEach((index, id) => {
    if (index === id) return;
    const last = runs.at(-1);
    if (last && last.id + last.length === id && last.index + last.length === index) last.length++;
    else runs.push({ id, index, length: 1 });
  });
  return runs;
}
