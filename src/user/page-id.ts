import type { BufferPage } from "../kernel/buffer-page.js";
import type { CpuBuffer } from "../kernel/cpu-buffer.js";

/**
 * What rb_setup_ids_meta_page() (ring_buffer.c) would give each sub-buffer, in its order: the reader page, then the ring
 * from the head on. The place in that order is the id under the ordinary rule of rb_page_id().
 */
export interface PageIds {
  readonly slots: Int32Array;
  /** bpage->id: the position in buffers[]. */
  readonly kernelIds: Int32Array;
  /** The persistent rule, rb_meta_subbuf_idx(): the physical index. */
  readonly persistent: Float64Array;
}

/**
 * The ids as they are now. A ring that does not close ends after nr_pages steps.
 * @param subbufIndex the physical index as that kernel reckons it
 */
export function pageIds(cpu: CpuBuffer, subbufIndex: (page: BufferPage) => number): PageIds {
  const all = new Int32Array(cpu.nrPages + 1);
  all[0] = cpu.readerPage.slot;
  let count = 1;
  const first = cpu.setHeadPage();
  for (let page = first; page && count <= cpu.nrPages; ) {
    all[count++] = page.slot;
    page = page.next;
    if (page.is(first)) break;
  }
  const slots = all.subarray(0, count);
  const kernelIds = slots.map((slot) => cpu.all.id[slot]!);
  const persistent = Float64Array.from(slots, (slot) => subbufIndex(cpu.all.at(slot)));
  return { slots, kernelIds, persistent };
}

/** The places of a list by what stands there, the smallest first. */
export function placesBy(values: ArrayLike<number>): Uint32Array {
  const places = new Uint32Array(values.length);
  for (let i = 0; i < places.length; i++) places[i] = i;
  return places.sort((a, b) => values[a]! - values[b]! || a - b);
}
