import type { Area } from "./area.js";
import type { BufferPage, BufferPages } from "./buffer-page.js";
import type { CpuMeta } from "./cpu-meta.js";

/** struct ring_buffer_per_cpu: one CPU's buffer. */
export class CpuBuffer {
  /** The page outside the ring, that the reader owns. */
  readerPage: BufferPage;
  headPage: BufferPage | undefined;
  commitPage: BufferPage | undefined;
  tailPage: BufferPage | undefined;
  /** cpu_buffer->pages: some page of the ring. */
  pages: BufferPage;
  /** Pages in the ring; the reader page is not counted. */
  nrPages: number;
  entries = 0;
  pagesTouched = 0;
  /** Events consumed. */
  read = 0;
  readBytes = 0;
  lostEvents = 0;
  readStamp = 0n;
  readonly area: Area;

  /**
   * @param subbufsOffset where sub-buffer 0 lies in the area
   * @param all its pages in the order of their ids: the reader page, then the ring's
   */
  constructor(
    readonly cpu: number,
    readonly meta: CpuMeta,
    readonly subbufsOffset: number,
    readonly all: BufferPages,
  ) {
    this.area = meta.area;
    all.link();
    this.readerPage = all.at(0);
    this.nrPages = all.count - 1;
    this.pages = all.at(Math.min(1, this.nrPages));
  }

  get subbufSize(): number {
    return this.area.pageSize;
  }

  /** rb_meta_subbuf_idx(): the physical index of a sub-buffer by its offset in the area. */
  subbufIndex(offset: number): number {
    return Math.trunc((offset - this.subbufsOffset) / this.subbufSize);
  }

  /** rb_head_page_activate() */
  activateHeadPage(): void {
    const head = this.headPage;
    if (!head) return;
    head.prev.nextIsHead = true;
    this.meta.headBuffer = head.address;
  }

  /** rb_head_page_deactivate(): no page is the head page until one is activated. */
  deactivateHeadPage(): void {
    for (const page of this.ringPages()) page.nextIsHead = false;
  }

  /** rb_set_head_page(): finds the page that the HEAD flag points at, from head_page on. */
  setHeadPage(): BufferPage | undefined {
    const start = this.headPage;
    if (!start) return undefined;
    let page = start;
    for (let i = 0; i <= this.nrPages + 1; i++) {
      // rb_is_head_page(): the page before must point at this one, with the flag.
      if (page.prev.next.is(page) && page.prev.nextIsHead) {
        this.headPage = page;
        return page;
      }
      page = page.next;
      if (page.is(start)) break;
    }
    return undefined;
  }

  /** The pages of the ring from `pages` on, at most nr_pages of them. */
  *ringPages(): Generator<BufferPage> {
    let page = this.pages;
    for (let i = 0; i < this.nrPages; i++) {
      yield page;
      page = page.next;
      if (page.is(this.pages)) break;
    }
  }

  /** rb_num_of_entries(): what user space is told is in the buffer. A boot begins to count what is overwritten anew. */
  numOfEntries(): number {
    return this.entries - this.read;
  }
}
