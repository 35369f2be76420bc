import type { CpuBuffer } from "../../src/kernel/ring.js";
import { type CpuStats, formatEventTs } from "../../src/kernel/stats.js";

/** The lines of per_cpu/cpuN/stats but for "now ts". */
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
