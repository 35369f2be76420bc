/** A time: seconds with microseconds, as the kernel prints it, for clocks in nanoseconds; else the bare count. */
export function clockText(time: bigint | string, inNs: boolean): string {
  if (!inNs) return time.toString();
  const us = (BigInt(time) + 500n) / 1000n;
  return `${us / 1_000_000n}.${(us % 1_000_000n).toString().padStart(6, "0")}`;
}

/** A length of time in words: `73.4 ms`; of a clock that counts no time, its units. */
export function durationText(units: string, inNs: boolean): string {
  if (!inNs) return `${units} units`;
  const ns = Number(units);
  if (ns >= 100e9) return `${(ns / 1e9).toFixed(0)} s`;
  if (ns >= 1e9) return `${(ns / 1e9).toFixed(2)} s`;
  if (ns >= 1e6) return `${(ns / 1e6).toFixed(1)} ms`;
  return ns >= 1e3 ? `${(ns / 1e3).toFixed(1)} us` : `${ns} ns`;
}
