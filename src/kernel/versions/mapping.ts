import { behaviourAt, type Change } from "../../ground/changes.js";
import type { Release } from "../../ground/release.js";

/** What differs between kernels in mapping a ring buffer. */
export interface MapBehaviour {
  /** What tracing_buffers_mmap() refuses with ENODEV. */
  readonly refuses: "nothing" | "boot-mapped" | "memmap";
  /** rb_page_id() gives the physical index for a persistent buffer (else the ids are overwritten in ring order). */
  readonly physicalIds: boolean;
  /** ring_buffer_map() returns 0 where the mapping of pages failed. */
  readonly swallowsErrors: boolean;
  /** rb_update_meta_page() fills pages_lost and pages_touched. */
  readonly fillsPages: boolean;
  /** subbuf_ids[] holds handles (struct buffer_page) instead of addresses. */
  readonly idsAreHandles: boolean;
  /** There are backup instances (trace_instance=backup=...). */
  readonly backups: boolean;
  /** Sources or an image of the release told; else its answers are inferred from its neighbours'. */
  readonly known: boolean;
  /** What flushes the meta page and the reader page for user space. */
  readonly flush: "flush_dcache_folio" | "flush_kernel_vmap_range";
}

const BUFFER = "kernel/trace/ring_buffer.c";
const TRACE = "kernel/trace/trace.c";

const BASE: MapBehaviour = {
  refuses: "nothing",
  physicalIds: false,
  swallowsErrors: false,
  fillsPages: false,
  idsAreHandles: false,
  backups: false,
  known: true,
  flush: "flush_dcache_folio",
};

const REFUSED: Partial<MapBehaviour> = { refuses: "boot-mapped" };
const VMAP_RANGE: Partial<MapBehaviour> = { flush: "flush_kernel_vmap_range" };

export const MAP_CHANGES: readonly Change<MapBehaviour>[] = [
  {
    since: "6.12.16",
    evidence: "placed",
    source: `${TRACE}: not in 6.12.8, in 6.12.38`,
    change: "a boot-mapped buffer is refused",
    set: REFUSED,
  },
  {
    since: "6.12.30",
    evidence: "placed",
    source: `${BUFFER}: not in 6.12.8, in 6.12.38`,
    change: "flush_kernel_vmap_range() in place of flush_dcache_folio()",
    set: VMAP_RANGE,
  },
  {
    since: "6.12.95",
    until: "6.13.0",
    evidence: "placed",
    source: `${BUFFER}: not in 6.12.94, in 6.12.107`,
    change: "ring_buffer_map() returns 0 where the pages could not be mapped",
    set: { swallowsErrors: true },
  },
  {
    since: "6.13.0",
    until: "6.16.0",
    evidence: "placed",
    source: "6.13 to 6.15 are not at hand",
    change: "answers are inferred from 6.12 and 6.16",
    set: { known: false },
  },
  {
    since: "6.16.0",
    evidence: "observed",
    source: `${TRACE}, ${BUFFER}: 6.16.12 maps so; 6.17.8 read`,
    change: "only a memmap buffer is refused; ids are physical indices",
    set: { refuses: "memmap", physicalIds: true },
  },
  {
    since: "6.19.0",
    evidence: "read",
    source: `${TRACE} of 6.19.6 (not in 6.18.15, which has no backup instances)`,
    change: "there are backup instances; one (vmalloc) is refused too",
    set: { backups: true },
  },
  {
    since: "7.1.0",
    evidence: "read",
    source: `${BUFFER}, include/uapi/linux/trace_mmap.h of 7.1.3 (not in 6.19.11; images of 7.0.13 show zeros)`,
    change: "pages_lost and pages_touched in the meta page; subbuf_ids[] holds struct buffer_page pointers",
    set: { fillsPages: true, idsAreHandles: true },
  },
];

/** How a release maps. */
export function mapBehaviour(release: Release): MapBehaviour {
  return behaviourAt(BASE, MAP_CHANGES, release);
}
