import { Bytes } from "../ground/bytes.js";
import { type BufferPage, type CpuBuffer, rbPageCommit, rbPageSize } from "../kernel/ring.js";
import type { ReaderBehaviour } from "../kernel/versions/reading.js";
import { RB_MISSED_EVENTS } from "../ring/structs.js";
import type { EventPage, EventPages } from "./page.js";

/**
 * One CPU's pages as a kernel's iterator goes over them after the boot: the reader page, then from the head page to
 * the commit page (rb_iter_reset(), rb_inc_iter(), kernel/trace/ring_buffer.c).
 */
export function kernelPages(buffer: CpuBuffer): EventPages {
  const pages: BufferPage[] = [buffer.readerPage];
  const { headPage, commitPage, area } = buffer;
  if (commitPage !== buffer.readerPage && headPage && commitPage) {
    let page = headPage;
    for (let i = 0; i < buffer.nrPages; i++) {
      pages.push(page);
      if (page === commitPage) break;
      page = page.next;
    }
  }
  const { view, abi } = area;
  const bytes = new Bytes(area.bytes, abi);
  const found: EventPages = {
    // All of it is in memory.
    fork: () => found,
    cpu: buffer.cpu,
    count: pages.length,
    page(position): EventPage {
      const page = pages[position]!;
      const { offset } = page;
      const capacity = buffer.subbufSize - area.headerSize;
      return {
        bytes,
        start: page.dataOffset,
        dataStart: page.dataOffset,
        size: Math.min(rbPageSize(page), capacity),
        capacity,
        timeHi: view.getUint32(abi.littleEndian ? offset + 4 : offset, abi.littleEndian),
        timeLo: view.getUint32(abi.littleEndian ? offset : offset + 4, abi.littleEndian),
        missed: (rbPageCommit(page) & RB_MISSED_EVENTS) !== 0,
        index: page.index,
        id: page.id,
        position,
      };
    },
  };
  return found;
}

/** rb_per_cpu_empty(): nothing to read, whatever the pages hold. */
export function isEmpty(buffer: CpuBuffer, { emptyByCount }: ReaderBehaviour): boolean {
  const { readerPage: reader, commitPage: commit, headPage: head } = buffer;
  if (!head || !commit) return true;
  if (emptyByCount) return buffer.numOfEntries() === 0;
  if (reader.read !== rbPageSize(reader)) return false;
  return commit === reader || (commit === head && rbPageCommit(commit) === 0);
}
