import type { CpuReading } from "./cpu-reading.js";
import type { SubbufReading } from "./subbuf-reading.js";

/** Sub-buffers one behind the other, for the writer as by their times, that are not where the writer's pointers put them. */
export interface OutOfPlace {
  readonly first: SubbufReading;
  readonly last: SubbufReading;
  readonly count: number;
}

/**
 * Puts sub-buffers that are out of place together: one wrong pointer moves many, and is one place.
 * @param inOrder the CPU's sub-buffers as the writer's pointers order them
 */
export function* outOfPlace({ unread }: CpuReading, inOrder: Iterable<SubbufReading>): Generator<OutOfPlace> {
  /** By index, where its time puts it. */
  const places = new Map<number, number>();
  for (const [place, { index, repairs }] of unread.entries())
    if (repairs.includes("order-from-time")) places.set(index, place);
  if (places.size === 0) return;
  let run: OutOfPlace | undefined;
  for (const subbuf of inOrder) {
    const place = places.get(subbuf.index);
    if (place !== undefined && run !== undefined && place === places.get(run.last.index)! + 1) {
      run = { ...run, last: subbuf, count: run.count + 1 };
      continue;
    }
    if (run !== undefined) yield run;
    run = place === undefined ? undefined : { first: subbuf, last: subbuf, count: 1 };
  }
  if (run !== undefined) yield run;
}
