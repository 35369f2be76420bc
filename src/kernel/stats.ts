import type { CpuBuffer } from "./cpu-buffer.js";

/** What per_cpu/cpuN/stats shows of a buffer right after boot, but for "now ts". */
export interface CpuStats {
  readonly entries: number;
  readonly overrun: number;
  readonly commitOverrun: number;
  readonly bytes: bigint;
  readonly oldestEventTs: bigint;
  readonly droppedEvents: number;
  readonly readEvents: number;
}

/** tracing_stats_read() (trace.c), ring_buffer_oldest_event_ts() (ring_buffer.c), 6.12 to 7.3. */
export function cpuStats(cpuBuffer: CpuBuffer, entryBytes: bigint): CpuStats {
  return {
    entries: cpuBuffer.numOfEntries(),
    // Nobody has written since the boot.
    overrun: 0,
    commitOverrun: 0,
    bytes: BigInt.asIntN(cpuBuffer.area.abi.longSize * 8, entryBytes - BigInt(cpuBuffer.readBytes)),
    oldestEventTs: oldestEventTs(cpuBuffer),
    droppedEvents: 0,
    readEvents: cpuBuffer.read,
  };
}

/** ring_buffer_oldest_event_ts() */
function oldestEventTs(cpuBuffer: CpuBuffer): bigint {
  if (cpuBuffer.readerPage.is(cpuBuffer.tailPage)) return cpuBuffer.readerPage.timeStamp;
  return cpuBuffer.setHeadPage()?.timeStamp ?? 0n;
}

/** The time as `stats` prints it: %5llu.%06lu in seconds where the clock counts nanoseconds, else as it is. */
export function formatEventTs(timeStamp: bigint, inNanoseconds: boolean): string {
  if (!inNanoseconds) return timeStamp.toString();
  // ns2usecs() rounds: (ns + 500) / 1000
  const usecs = BigInt.asUintN(64, timeStamp + 500n) / 1000n;
  return `${(usecs / 1000000n).toString().padStart(5)}.${(usecs % 1000000n).toString().padStart(6, "0")}`;
}
