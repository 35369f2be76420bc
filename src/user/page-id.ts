import type { BufferPage, CpuBuffer } from "../kernel/ring.js";

/** One sub-buffer's id under both rules of rb_page_id() (ring_buffer.c). */
export interface PageIds {
  readonly page: BufferPage;
  /** bpage->id: the position in buffers[]. */
  readonly kernelId: number;
  /** The persistent rule, rb_meta_subbuf_idx(): the physical index. */
  readonly persistent: number;
  /** The ordinary rule, in the same state: the reader page is 0, the head page 1, and on along the ring. */
  readonly ordinary: number;
}

/**
 * What rb_setup_ids_meta_page() would give each sub-buffer: in its order, the reader page, then the ring from the head
 * on. A ring that does not close ends after nr_pages steps.
 * @param subbufIndex the physical index as that kernel reckons it
 */
export function pageIds(cpu: CpuBuffer, subbufIndex: (page: BufferPage) => number): PageIds[] {
  const found: PageIds[] = [];
  const add = (page: BufferPage): void => {
    found.push({ page, kernelId: page.id, persistent: subbufIndex(page), ordinary: found.length });
  };
  add(cpu.readerPage);
  const first = cpu.setHeadPage();
  for (let page = first, step = 0; page && step < cpu.nrPages; step++) {
    add(page);
    page = page.next;
    if (page === first) break;
  }
  return found;
}
