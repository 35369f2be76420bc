import type { CpuReading } from "../reading/cpu-reading.js";
import type { SubbufReading } from "../reading/subbuf-reading.js";

/** A sub-buffer of a CPU with unread records that cannot be read. */
export interface TornPlace {
  readonly cpu: number;
  /** The sub-buffer's index. */
  readonly index: number;
  /** Where belief ends. */
  readonly offset: number;
  /** The time of the last event that can be read before it, where there is one. */
  readonly after: bigint | undefined;
  /** No event of the CPU behind it can be read: how it ended is not known. */
  readonly atEnd: boolean;
}

/** By CPU, in the writer's order. */
export function tornPlaces(readings: readonly CpuReading[]): TornPlace[] {
  return readings.flatMap(({ cpu: { cpu, live }, subbufs }) => {
    const torn = subbufs.filter(isTorn);
    if (torn.length === 0) return [];
    const inLive = new Set(live);
    const ring = live.map((id) => subbufs.at(id));
    const others = [...torn].filter(({ id }) => !inLive.has(id));
    const last = ring.findLastIndex(({ believed }) => believed);
    let after: bigint | undefined;
    const inRing = ring.map((subbuf, i) => {
      after = subbuf.lastTime ?? after;
      return { subbuf, after, atEnd: i >= last };
    });
    return [...others.map((subbuf) => ({ subbuf, after: subbuf.lastTime, atEnd: false })), ...inRing].flatMap(
      ({ subbuf, after, atEnd }) => {
        const { index, offset, records, believed } = subbuf;
        return isTorn(subbuf) ? [{ cpu, index, offset: offset + (believed ? records.end : 0), after, atEnd }] : [];
      },
    );
  });
}

function isTorn({ state, lostAfter }: SubbufReading): boolean {
  return state === "lost" || (state === "unread" && lostAfter);
}
