import type { CpuBuffer } from "./ring.js";

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
    overrun: cpuBuffer.overrun,
    commitOverrun: cpuBuffer.commitOverrun,
    bytes: BigInt.asIntN(cpuBuffer.area.abi.longSize * 8, entryBytes - BigInt(cpuBuffer.readBytes)),
    oldestEventTs: oldestEventTs(cpuBuffer),
    droppedEvents: cpuBuffer.droppedEvents,
    readEvents: cpuBuffer.read,
  };
}

/** ring_buffer_oldest_event_ts() */
export function oldestEventTs(cpuBuffer: CpuBuffer): bigint {
  if (cpuBuffer.tailPage === cpuBuffer.readerPage) return cpuBuffer.readerPage.timeStamp;
  return cpuBuffer.setHeadPage()?.timeStamp ?? 0n;
}

/** The time as `stats` prints it: %5llu.%06lu in seconds where the clock counts nanoseconds, else as it is. */
export function formatEventTs(timeStamp: bigint, inNanoseconds: boolean): string {
  if (!inNanoseconds) return timeStamp.toString();
  // ns2usecs() rounds: (ns + 500) / 1000
  const usecs = BigInt.asUintN(64, timeStamp + 500n) / 1000n;
  return `${(usecs / 1000000n).toString().padStart(5)}.${(usecs % 1000000n).toString().padStart(6, "0")}`;
}

/** The lines of per_cpu/cpuN/stats up to, and without, "now ts", then those behind it. */
export function statsText(stats: CpuStats, inNanoseconds: boolean): string[] {
  return [
    `entries: ${stats.entries}`,
    `overrun: ${stats.overrun}`,
    `commit overrun: ${stats.commitOverrun}`,
    `bytes: ${stats.bytes}`,
    `oldest event ts: ${formatEventTs(stats.oldestEventTs, inNanoseconds)}`,
    `dropped events: ${stats.droppedEvents}`,
    `read events: ${stats.readEvents}`,
  ];
}

/** per_cpu/cpuN/buffer_meta (rbm_show(), ring_buffer.c): the commits are shown since 7.2. */
export function bufferMetaText(cpuBuffer: CpuBuffer, showsCommits: boolean): string[] {
  const { meta, area } = cpuBuffer;
  const index = (address: bigint): number =>
    Number(
      BigInt.asIntN(
        32,
        BigInt.asIntN(area.abi.longSize * 8, address - area.address(cpuBuffer.subbufsOffset)) /
          BigInt(meta.subbufSize || 1),
      ),
    );
  const lines = [
    `head_buffer:   ${index(meta.headBuffer)}`,
    `commit_buffer: ${index(meta.commitBuffer)}`,
    `subbuf_size:   ${meta.subbufSize}`,
    `nr_subbufs:    ${meta.nrSubbufs}`,
  ];
  for (let id = 0; id <= cpuBuffer.nrPages; id++) {
    const physical = meta.buffer(id);
    const at = cpuBuffer.subbufsOffset + cpuBuffer.subbufSize * physical;
    const commit = showsCommits ? ` (commit: ${BigInt.asIntN(area.abi.longSize * 8, area.long(at + 8))})` : "";
    lines.push(`buffer[${id}]:    ${physical}${commit}`);
  }
  return lines;
}
