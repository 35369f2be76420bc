import { behindReader } from "../reading/behind-reader.js";
import { type CpuReading, shownSubbufs } from "../reading/cpu-reading.js";
import type { SubbufReading } from "../reading/subbuf-reading.js";
import type { TimeSpan } from "../ring/time-span.js";

/**
 * When a CPU lost events, between its oldest and its last: oldest first, apart from each other. All of a sub-buffer that is
 * broken inside.
 * @param consumed with what a reader had taken
 */
export function unknownStretches(reading: CpuReading, consumed: boolean): readonly TimeSpan[] {
  const overwritten = behindReader(reading);
  const found: TimeSpan[] = [];
  let before: SubbufReading | undefined;
  for (const subbuf of shownSubbufs(reading, consumed)) {
    if (subbuf.lostBefore || subbuf === overwritten) add(found, before?.lastTime, subbuf.firstTime);
    if (subbuf.lostInside > 0) add(found, subbuf.firstTime, subbuf.lastTime);
    before = subbuf;
  }
  return joined(found);
}

function add(found: TimeSpan[], first: bigint | undefined, last: bigint | undefined): void {
  if (first !== undefined && last !== undefined && first < last) found.push({ first, last });
}

/** Stretches of time that overlap are made one. */
export function joined(stretches: readonly TimeSpan[]): TimeSpan[] {
  const sorted = [...stretches].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const apart: TimeSpan[] = [];
  for (const { first, last } of sorted) {
    const before = apart.at(-1);
    if (before === undefined || first > before.last) apart.push({ first, last });
    else if (last > before.last) apart[apart.length - 1] = { first: before.first, last };
  }
  return apart;
}
