import type { Slice } from "../../events/slices.js";
import type { Trace } from "../../trace/trace.js";

/** What a slice should have of an image: its output is held until its turn comes. Of each CPU it should have some sub-buffers. */
const SLICE = 1024 * 1024;
const OF_A_CPU = 4;
const MOST = 8 * 1024 * 1024;

/** How many sub-buffers a slice should have. */
export function subbufsOfSlice({ image: { layout } }: Trace): number {
  const { subbufSize } = layout.geometry;
  return Math.ceil(Math.min(Math.max(SLICE, OF_A_CPU * subbufSize * layout.nrCpus), MOST) / subbufSize);
}

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
