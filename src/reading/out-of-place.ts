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
  let run: OutOfPlace | undefined;
  let places: ReadonlyMap<number, number> | undefined;
  for (const subbuf of inOrder) {
    const moved = subbuf.believed && subbuf.state === "unread" && subbuf.repairs.includes("order-from-time");
    if (moved) places ??= new Map(unread.map(({ index }, place) => [index, place]));
    if (moved && run !== undefined && places!.get(subbuf.index) === places!.get(run.last.index)! + 1) {
      run = { ...run, last: subbuf, count: run.count + 1 };
      continue;
    }
    if (run !== undefined) yield run;
    run = moved ? { first: subbuf, last: subbuf, count: 1 } : undefined;
  }
  if (run !== undefined) yield run;
}
