import { alignUp } from "../ground/abi.js";
import { MIN_NR_SUBBUFS } from "../ground/limits.js";

/**
 * Where the chunks of an area lie. A chunk is one CPU's meta, its buffers[], padding up to a multiple of the
 * sub-buffer size, and its sub-buffers (rb_range_meta(), rb_subbufs_from_meta(), kernel/trace/ring_buffer.c 6.12 to 7.3).
 */
export interface Geometry {
  /** Where the first CPU's meta lies: 0 (generation 1) or buffers_offset. */
  readonly buffersOffset: number;
  /** Bytes of the global header: 0 in generation 1. */
  readonly bootMetaSize: number;
  /** Bytes of a CPU's meta before buffers[]. */
  readonly cpuMetaSize: number;
  readonly subbufSize: number;
  /** Sub-buffers of each CPU, the reader page included. */
  readonly nrSubbufs: number;
}

/** Where the sub-buffers of a chunk that starts at `metaOffset` begin. The area itself starts page aligned. */
export function subbufsOffset(geometry: Geometry, metaOffset: number): number {
  return alignUp(metaOffset + geometry.cpuMetaSize + 4 * geometry.nrSubbufs, geometry.subbufSize);
}

/** Where the meta of `cpu` lies. Chunks after the first all have the same size: they start sub-buffer aligned. */
export function cpuMetaOffset(geometry: Geometry, cpu: number): number {
  if (cpu === 0) return geometry.buffersOffset;
  const bytes = geometry.subbufSize * geometry.nrSubbufs;
  const second = subbufsOffset(geometry, geometry.buffersOffset) + bytes;
  const stride = subbufsOffset(geometry, second) + bytes - second;
  return second + (cpu - 1) * stride;
}

/** The physical index of the sub-buffer that begins so far behind a CPU's first one, where one does. */
export function subbufIndexAt({ subbufSize, nrSubbufs }: Geometry, distance: bigint): number | undefined {
  const size = BigInt(subbufSize);
  if (distance < 0n || distance >= size * BigInt(nrSubbufs) || distance % size !== 0n) return undefined;
  return Number(distance / size);
}

/** The end of the last sub-buffer of `cpus` CPUs. */
export function chunksEnd(geometry: Geometry, cpus: number): number {
  return cpuMetaOffset(geometry, cpus);
}

/**
 * The number of sub-buffers that the kernel gives each CPU in an area of `totalSize` bytes (alloc_buffer(),
 * kernel/trace/ring_buffer.c 6.12 to 7.3), or undefined where it refuses.
 */
export function nrSubbufsFor(totalSize: number, cpus: number, place: Omit<Geometry, "nrSubbufs">): number | undefined {
  const tried = { ...reckoned(place), nrSubbufs: 0 };
  const perCpu = Math.floor((totalSize - tried.buffersOffset) / cpus);
  for (let nr = Math.floor((perCpu - place.cpuMetaSize) / (place.subbufSize + 4)); nr >= MIN_NR_SUBBUFS; nr--) {
    tried.nrSubbufs = nr;
    if (chunksEnd(tried, cpus) <= totalSize) return nr;
  }
  return undefined;
}

/** The most CPUs to each of which it gives so many there, or more. */
export function mostCpusFor(totalSize: number, geometry: Geometry): number {
  const tried = reckoned(geometry);
  const { cpuMetaSize, subbufSize, nrSubbufs } = tried;
  const byShare = Math.floor((totalSize - tried.buffersOffset) / (cpuMetaSize + nrSubbufs * (subbufSize + 4)));
  const second = cpuMetaOffset(tried, 1);
  const byEnd = 1 + Math.floor((totalSize - second) / (cpuMetaOffset(tried, 2) - second));
  return Math.max(0, Math.min(byShare, byEnd));
}

/** Since 6.15 alloc_buffer() reckons with the size of a CPU's meta in place of the global meta's. */
function reckoned<Place extends Omit<Geometry, "nrSubbufs">>(place: Place): Place {
  const { bootMetaSize, cpuMetaSize, buffersOffset } = place;
  return { ...place, buffersOffset: bootMetaSize === 0 ? 0 : cpuMetaSize + buffersOffset - bootMetaSize };
}
