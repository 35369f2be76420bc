import { alignUp } from "../ground/abi.js";
import type { Layout } from "../image/detect.js";
import { layoutOf, RING_BUFFER_META, TRACE_MOD_ENTRY_SIZE, TRACE_SCRATCH } from "../ring/structs.js";
import { type Area, type CpuMeta, type CpuMetaLayout, cpuMetaLayout } from "./ring.js";
import type { KernelBehaviour } from "./versions.js";

/** Where one kernel puts things in an area of this size, before it has looked at the bytes. */
export interface Place {
  readonly cpuLayout: CpuMetaLayout;
  /** sizeof(struct ring_buffer_meta); 0 in generation 1. */
  readonly globalSize: number;
  /** Bytes of the scratch area; 0 in generation 1. */
  readonly scratchSize: number;
  /** Where the first CPU's meta lies. */
  readonly buffersOffset: number;
  readonly nrCpus: number;
  /** Pages in each CPU's ring, the reader page not counted; null where alloc_buffer() refuses the area. */
  readonly nrPages: number | null;
}

/** MODULES: allocate_trace_buffer() (trace.c) asks for a scratch with room for so many module entries. */
const SCRATCH_MODULES = 128;

/** struct_size(tscratch, entries, 128), aligned to a long. */
function scratchSizeOf(behaviour: KernelBehaviour, area: Area): number {
  if (behaviour.scratch === "none") return 0;
  const whole = layoutOf(TRACE_SCRATCH, area.abi);
  const header = behaviour.scratch === "clock" ? whole.size : whole.size - whole.offsets.text_addr;
  return alignUp(header + SCRATCH_MODULES * TRACE_MOD_ENTRY_SIZE, area.abi.longSize);
}

/** A CPU's meta as the writer laid it out, whichever kernel boots. */
export function cpuMetaLayoutOf({ abi, generation, inject }: Layout): CpuMetaLayout {
  return cpuMetaLayout(generation === "per-cpu" ? "v1" : inject ? "v2-inject" : "v2", abi);
}

/** The sizes that alloc_buffer() and rb_meta_init() reckon with. */
export function placeOf(behaviour: KernelBehaviour, area: Area, nrCpus: number, inject: boolean): Place {
  const kind = behaviour.generation === 1 ? "v1" : inject ? "v2-inject" : "v2";
  const cpuLayout = cpuMetaLayout(kind, area.abi);
  const globalSize = behaviour.generation === 1 ? 0 : layoutOf(RING_BUFFER_META, area.abi).size;
  const scratchSize = scratchSizeOf(behaviour, area);
  const buffersOffset = globalSize + scratchSize;
  const nrPages = nrPagesOf(behaviour, area, nrCpus, cpuLayout.size, scratchSize);
  return { cpuLayout, globalSize, scratchSize, buffersOffset, nrCpus, nrPages };
}

/** alloc_buffer() (ring_buffer.c): pages that fit each CPU. Generation 2 subtracts a CPU meta, not the global one. */
function nrPagesOf(
  behaviour: KernelBehaviour,
  area: Area,
  nrCpus: number,
  metaSize: number,
  scratchSize: number,
): number | null {
  const page = area.pageSize;
  const start = behaviour.generation === 1 ? 0 : alignUp(metaSize, area.abi.longSize) + scratchSize;
  const share = Math.floor((area.size - start) / nrCpus);
  if (share < metaSize) return null;
  const fits = (pages: number): boolean => {
    let at = start;
    for (let cpu = 0; cpu < nrCpus; cpu++) {
      at = alignSubbuf(area, at + metaSize + 4 * pages) + page * pages;
      if (at > area.size) return false;
    }
    return true;
  };
  for (let pages = Math.floor((share - metaSize) / (page + 4)); pages >= 3; pages--) if (fits(pages)) return pages - 1;
  return null;
}

/** ALIGN(address, PAGE_SIZE) of a place in the area, as an offset. */
function alignSubbuf(area: Area, offset: number): number {
  const skew = Number(area.virt % BigInt(area.pageSize));
  return alignUp(offset + skew, area.pageSize) - skew;
}

/** rb_range_align_subbuf() with sizes that may be damaged: both are wrapped as the kernel's int or unsigned int. */
function rangeAlign(area: Area, offset: number, metaSize: number, subbufSize: number, nrSubbufs: number): number {
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
 * rb_range_meta(): where a CPU's meta lies.
 * @param nrSubbufs the kernel's own count while it sets up; later the count in the first CPU's meta
 */
export function rbRangeMeta(area: Area, place: Place, buffersOffset: number, nrSubbufs: number, cpu: number): number {
  if (cpu === 0) return buffersOffset;
  const metaSize = place.cpuLayout.size;
  const page = area.pageSize;
  const bytes = regularProduct(page, nrSubbufs);
  const second = rangeAlign(area, buffersOffset, metaSize, page, nrSubbufs) + bytes;
  if (cpu === 1) return second;
  const third = rangeAlign(area, second, metaSize, page, nrSubbufs) + bytes;
  return third + (third - second) * (cpu - 2);
}

function regularProduct(page: number, nrSubbufs: number): number {
  return page * nrSubbufs;
}

/** rb_subbufs_from_meta(): where a CPU's sub-buffers begin, by the sizes that its meta states. */
export function rbSubbufsFromMeta(meta: CpuMeta): number {
  return rangeAlign(meta.area, meta.offset, meta.layout.size, meta.subbufSize, meta.nrSubbufs);
}
