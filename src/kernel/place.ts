import { alignUp } from "../ground/abi.js";
import { bootMetaSize, scratchSize, usualBuffersOffset, type WriterLayout } from "../ring/layouts.js";
import type { Area } from "./area.js";
import { type CpuMeta, type CpuMetaLayout, cpuMetaLayout } from "./cpu-meta.js";

/** Where one kernel puts things in an area of this size, before it has looked at the bytes. */
export interface Place {
  readonly layout: WriterLayout;
  readonly cpuLayout: CpuMetaLayout;
  /** sizeof(struct ring_buffer_meta); 0 where there is none. */
  readonly globalSize: number;
  /** Bytes of the scratch area; 0 where there is none. */
  readonly scratchSize: number;
  /** Where the first CPU's meta lies. */
  readonly buffersOffset: number;
  readonly nrCpus: number;
  /** Pages in each CPU's ring, the reader page not counted; undefined where alloc_buffer() refuses the area. */
  readonly nrPages: number | undefined;
}

/** The sizes that alloc_buffer() and rb_meta_init() reckon with. */
export function placeOf(layout: WriterLayout, area: Area, nrCpus: number): Place {
  const cpuLayout = cpuMetaLayout(layout.cpuMeta, area.abi);
  return {
    layout,
    cpuLayout,
    globalSize: bootMetaSize(layout, area.abi),
    scratchSize: scratchSize(layout, area.abi),
    buffersOffset: usualBuffersOffset(layout, area.abi),
    nrCpus,
    nrPages: nrPagesOf(layout, area, nrCpus, cpuLayout.size),
  };
}

/** alloc_buffer() (ring_buffer.c): pages that fit each CPU. It subtracts a CPU meta where it means the global one. */
function nrPagesOf(layout: WriterLayout, area: Area, nrCpus: number, metaSize: number): number | undefined {
  const page = area.pageSize;
  const start = layout.bootMeta ? alignUp(metaSize, area.abi.longSize) + scratchSize(layout, area.abi) : 0;
  const share = Math.floor((area.size - start) / nrCpus);
  if (share < metaSize) return undefined;
  const fits = (pages: number): boolean => {
    let at = start;
    for (let cpu = 0; cpu < nrCpus; cpu++) {
      at = alignSubbuf(area, at + metaSize + 4 * pages) + page * pages;
      if (at > area.size) return false;
    }
    return true;
  };
  for (let pages = Math.floor((share - metaSize) / (page + 4)); pages >= 3; pages--) if (fits(pages)) return pages - 1;
  return undefined;
}

/** ALIGN(address, PAGE_SIZE) of a place in the area, as an offset. */
function alignSubbuf(area: Area, offset: number): number {
  const skew = Number(area.virt % BigInt(area.pageSize));
  return alignUp(offset + skew, area.pageSize) - skew;
}

interface Sizes {
  readonly metaSize: number;
  readonly subbufSize: number;
  readonly nrSubbufs: number;
}

/** rb_range_align_subbuf() with sizes that may be damaged: both are wrapped as the kernel's int or unsigned int. */
function rangeAlign(area: Area, offset: number, { metaSize, subbufSize, nrSubbufs }: Sizes): number {
  const regular = subbufSize === area.pageSize && nrSubbufs < 2 ** 28;
  if (regular) return alignSubbuf(area, offset + metaSize + 4 * nrSubbufs);
  const size = BigInt(subbufSize | 0);
  const address = area.virt + BigInt(offset) + BigInt(metaSize) + 4n * BigInt(nrSubbufs | 0);
  const aligned = area.ulong((address + size - 1n) & ~(size - 1n));
  return offsetOf(area, aligned);
}

/** An address as an offset in the area; far outside it becomes a number that no bound accepts. */
export function offsetOf(area: Area, address: bigint): number {
  const bits = area.abi.longSize * 8;
  return Number(BigInt.asIntN(bits, address - area.virt));
}

/**
 * rb_range_meta(): where a CPU's meta lies. The bytes of a CPU's sub-buffers are an int there and wrap at 2 GiB (6.12 to 7.3).
 * @param nrSubbufs the kernel's own count while it sets up; later the count in the first CPU's meta
 */
export function rbRangeMeta(area: Area, { cpuLayout, buffersOffset }: Place, nrSubbufs: number, cpu: number): number {
  if (cpu === 0) return buffersOffset;
  const sizes: Sizes = { metaSize: cpuLayout.size, subbufSize: area.pageSize, nrSubbufs };
  const bytes = Math.imul(area.pageSize, nrSubbufs);
  const second = rangeAlign(area, buffersOffset, sizes) + bytes;
  if (cpu === 1) return second;
  const third = rangeAlign(area, second, sizes) + bytes;
  const later = third + (third - second) * (cpu - 2);
  return later >= 0 && later <= area.size ? later : offsetOf(area, area.ulong(area.virt + BigInt(later)));
}

/** rb_subbufs_from_meta(): where a CPU's sub-buffers begin, by the sizes that its meta states. */
export function rbSubbufsFromMeta(meta: CpuMeta): number {
  const { area, offset, layout, subbufSize, nrSubbufs } = meta;
  return rangeAlign(area, offset, { metaSize: layout.size, subbufSize, nrSubbufs });
}
