import { type CpuReading, shownSubbufs } from "../reading/cpu-reading.js";
import { spansOf } from "../reading/span.js";
import type { TimeSpan } from "../ring/time-span.js";

/** From when to when it is known what a CPU did. */
export interface CpuCoverage {
  readonly cpu: number;
  /** Its oldest event: what was before is overwritten or was taken, not silent. Undefined where it has none. */
  readonly from: bigint | undefined;
  /** The end of the trace: a CPU without an event since was silent. */
  readonly to: bigint | undefined;
}

export interface Coverage {
  readonly cpus: readonly CpuCoverage[];
  /** From the first to the last believed event of all the CPUs. */
  readonly span: TimeSpan | undefined;
  /** What all CPUs that have events cover. */
  readonly common: TimeSpan | undefined;
}

/** @param consumed with what a reader had taken */
export function coverageOf(readings: readonly CpuReading[], consumed: boolean): Coverage {
  const shown = readings.map((reading) => shownSubbufs(reading, consumed));
  const { each, all: span } = spansOf(shown);
  const cpus = readings.map(({ cpu: { cpu } }, i) => {
    const own = each[i];
    const from = own === undefined || span === undefined || own.first > span.last ? undefined : own.first;
    return { cpu, from, to: from === undefined ? undefined : span?.last };
  });
  const latest = cpus.reduce<bigint | undefined>(
    (max, { from }) => (from !== undefined && (max === undefined || from > max) ? from : max),
    undefined,
  );
  return { cpus, span, common: span && latest !== undefined ? { first: latest, last: span.last } : undefined };
}
