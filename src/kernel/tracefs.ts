import type { CpuBuffer } from "./cpu-buffer.js";
import { type CpuStats, formatEventTs } from "./stats.js";
import type { ReaderBehaviour } from "./versions/reading.js";

/** The files of per_cpu/cpuN that tell of a buffer, as the kernel writes them. */

/** What stands in `stats` where the kernel prints its clock at the time of reading, which no image holds. */
const NOW = "<...>";

/** per_cpu/cpuN/stats (tracing_stats_read(), kernel/trace/trace.c). */
export function statsFile(stats: CpuStats, inNanoseconds: boolean): string {
  return [
    `entries: ${stats.entries}`,
    `overrun: ${stats.overrun}`,
    `commit overrun: ${stats.commitOverrun}`,
    `bytes: ${stats.bytes}`,
    `oldest event ts: ${formatEventTs(stats.oldestEventTs, inNanoseconds)}`,
    `now ts: ${NOW}`,
    `dropped events: ${stats.droppedEvents}`,
    `read events: ${stats.readEvents}`,
    "",
  ].join("\n");
}

/** per_cpu/cpuN/buffer_meta (rbm_show(), kernel/trace/ring_buffer.c). */
export function bufferMetaFile(
  cpuBuffer: CpuBuffer,
  { metaShowsCommits }: Pick<ReaderBehaviour, "metaShowsCommits">,
): string {
  const { meta, area } = cpuBuffer;
  const bits = area.abi.longSize * 8;
  const index = (address: bigint): bigint =>
    BigInt.asIntN(
      32,
      BigInt.asIntN(bits, address - area.address(cpuBuffer.subbufsOffset)) / BigInt(meta.subbufSize || 1),
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
    const commit = metaShowsCommits ? ` (commit: ${BigInt.asIntN(bits, area.long(at + 8))})` : "";
    lines.push(`buffer[${id}]:    ${physical}${commit}`);
  }
  return `${lines.join("\n")}\n`;
}
