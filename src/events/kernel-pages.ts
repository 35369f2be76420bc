import { Bytes } from "../ground/bytes.js";
import type { Area } from "../kernel/area.js";
import { rbPageCommit, rbPageSize } from "../kernel/buffer-page.js";
import type { CpuBuffer } from "../kernel/cpu-buffer.js";
import type { ReaderBehaviour } from "../kernel/versions/reading.js";
import { RB_MISSED_EVENTS } from "../ring/structs.js";
import type { EventPage, EventPages } from "./page.js";

/**
 * One CPU's pages as a kernel's iterator goes over them after the boot: the reader page, then from the head page to
 * the commit page (rb_iter_reset(), rb_inc_iter(), kernel/trace/ring_buffer.c).
 */
export function kernelPages(buffer: CpuBuffer): EventPages {
  const { headPage, commitPage, area, all } = buffer;
  const slots = new Int32Array(buffer.nrPages + 1);
  slots[0] = buffer.readerPage.slot;
  let count = 1;
  if (headPage && commitPage && !commitPage.is(buffer.readerPage)) {
    let page = headPage;
    while (count <= buffer.nrPages) {
      slots[count++] = page.slot;
      if (page.is(commitPage)) break;
      page = page.next;
    }
  }
  const { abi } = area;
  const found: EventPages = {
    // Nobody writes to the area any more.
    fork: () => found,
    cpu: buffer.cpu,
    count,
    page(position): EventPage {
      const page = all.at(slots[position]!);
      const { offset } = page;
      const capacity = buffer.subbufSize - area.headerSize;
      const bytes = new Bytes(wholePage(area, offset), abi, offset);
      return {
        bytes,
        start: area.headerSize,
        dataStart: area.headerSize,
        size: Math.min(rbPageSize(page), capacity),
        capacity,
        timeHi: bytes.u32(abi.littleEndian ? 4 : 0),
        timeLo: bytes.u32(abi.littleEndian ? 0 : 4),
        missed: (rbPageCommit(page) & RB_MISSED_EVENTS) !== 0,
        index: page.index,
        id: page.id,
        position,
      };
    },
  };
  return found;
}

/** A sub-buffer; zeros stand for what a damaged size puts behind the area. */
function wholePage({ bytes, pageSize }: Area, offset: number): Uint8Array {
  const there = bytes.read(offset, pageSize);
  if (there.length === pageSize) return there;
  const whole = new Uint8Array(pageSize);
  whole.set(there);
  return whole;
}

/** rb_per_cpu_empty(): nothing to read, whatever the pages hold. */
export function isEmpty(buffer: CpuBuffer, { emptyByCount }: ReaderBehaviour): boolean {
  const { readerPage: reader, commitPage: commit, headPage: head } = buffer;
  if (!head || !commit) return true;
  if (emptyByCount) return buffer.numOfEntries() === 0;
  if (reader.read !== rbPageSize(reader)) return false;
  return commit.is(reader) || (commit.is(head) && rbPageCommit(commit) === 0);
}
