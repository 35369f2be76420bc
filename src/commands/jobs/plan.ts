import type { Slice } from "../../events/slices.js";

/** What a thread makes of a trace: the wanted events from a slice's start on, but for the first few, and at most so many. */
export interface Part {
  readonly slice: Slice;
  readonly skip: number;
  readonly most: number;
}

export function partOfSlice(slice: Slice): Part {
  return { slice, skip: 0, most: Number.POSITIVE_INFINITY };
}

/** Parts of so many events each. @param counts of the events that are wanted of each slice */
export function batches(slices: readonly Slice[], counts: readonly number[], size: number): readonly Part[] {
  const parts: Part[] = [];
  let [before, next] = [0, 0];
  for (const [i, { from }] of slices.entries()) {
    const end = before + counts[i]!;
    for (; next < end; next += size)
      parts.push({ slice: { from, until: Number.POSITIVE_INFINITY }, skip: next - before, most: size });
    before = end;
  }
  return parts;
}
