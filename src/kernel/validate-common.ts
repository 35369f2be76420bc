import { type BufferPage, rbIncPage } from "./buffer-page.js";
import type { CpuBuffer } from "./cpu-buffer.js";
import { type PageFault, type PageWalk, rbReadDataBuffer } from "./events.js";
import { KernelFault } from "./fault.js";
import type { BootCode } from "./finding.js";
import type { TraceBuffer } from "./trace-buffer.js";

/** What both ways of validating share (ring_buffer.c, 6.12 to 7.3). */

/** An honest walk looks at fewer than one event in four bytes, and at each page at most four times. */
const STEPS_PER_BYTE = 16;

/**
 * Runs rb_read_data_buffer() on a page. A walk that never ends hangs the kernel; what becomes of one that is led far out of the
 * area hangs on the memory there.
 */
export function readPage(buffer: TraceBuffer, cpu: number, page: BufferPage, tail: number): PageWalk {
  const { area, behaviour, walk, walks } = buffer;
  if (!walks.find(page, tail, walk)) {
    const { dataOffset, timeStamp } = page;
    rbReadDataBuffer(area, { dataOffset, timeStamp, tail }, behaviour.checksEventLength, walk);
    walks.note(page, tail, walk);
  }
  buffer.steps += walk.steps;
  if (walk.endless || buffer.steps > STEPS_PER_BYTE * area.size + 1_000_000) {
    const events = `CPU ${cpu}: the events of the sub-buffer at 0x${page.offset.toString(16)}`;
    const { faultFunction: fn } = behaviour;
    if (walk.endless && walk.leftArea)
      throw new KernelFault(
        "unknown-memory",
        { fn, cpu },
        `${events} lead out of the area, to what is not in the image`,
      );
    throw new KernelFault(
      "endless-loop",
      { fn, cpu },
      `${events} lead back to themselves: this kernel walks them forever`,
    );
  }
  if (walk.leftArea)
    buffer.uncertain.push(`CPU ${cpu}: the kernel reads past the area while it walks index ${page.index}`);
  return walk;
}

/** The page that a list pointer leads to, or the kernel's NULL dereference. */
export function dereference(buffer: TraceBuffer, cpu: number, page: BufferPage | undefined): BufferPage {
  if (page) return page;
  // offsetof(struct buffer_page, page): list, write, read, entries, real_end, order, id, then page.
  const address = buffer.area.abi.longSize === 8 ? 0x38n : 0x20n;
  throw nullDereference(buffer, cpu, address, "head_buffer is not the address of a sub-buffer: head_page is NULL");
}

/** local_set(&head_page->entries, 0) with a head_page that is not set yet: zeroed by the compiler's option. */
export function uninitialisedHead(buffer: TraceBuffer, cpu: number): KernelFault {
  const address = buffer.area.abi.longSize === 8 ? 0x20n : 0x10n;
  return nullDereference(buffer, cpu, address, "the reader page is invalid and head_page is not set yet");
}

function nullDereference(buffer: TraceBuffer, cpu: number, address: bigint, why: string): KernelFault {
  const message = `CPU ${cpu}: ${why}; the kernel dereferences it at every boot until the memory is cleared`;
  return new KernelFault("null-dereference", { fn: buffer.behaviour.faultFunction, cpu, address }, message);
}

const WHY: Record<PageFault, string> = {
  "commit-too-large": "its commit is larger than a sub-buffer",
  "event-length": "an event has an impossible length",
  "absolute-time-backwards": "an absolute time stamp goes back",
  "time-before-previous-page": "it ends before the previous page does",
  "time-after-next-page": "it ends after the next page begins",
};

/** Records why a page is not valid. */
export function pageFinding(buffer: TraceBuffer, cpuBuffer: CpuBuffer, page: BufferPage, fault: PageFault): void {
  const { cpu } = cpuBuffer;
  const inside = fault === "event-length" || fault === "absolute-time-backwards";
  const eventOffset = page.dataOffset + buffer.walk.goodBytes;
  buffer.found({
    code: fault,
    cpu,
    index: page.index,
    id: page.id,
    offset: page.offset,
    ...(inside ? { eventOffset } : {}),
    message: `CPU ${cpu}, sub-buffer index ${page.index} (id ${page.id}): ${WHY[fault]} (at offset 0x${(inside ? eventOffset : page.offset).toString(16)})`,
  });
}

/** The `invalid:` end of rb_meta_validate_events(): head and commit are forgotten, every page is emptied. */
export function emptyCpu(buffer: TraceBuffer, cpuBuffer: CpuBuffer, from: BufferPage, code: BootCode): void {
  const { meta } = cpuBuffer;
  buffer.emptiedReasons.set(cpuBuffer.cpu, code);
  meta.headBuffer = 0n;
  meta.commitBuffer = 0n;
  cpuBuffer.readerPage.entries = 0;
  buffer.initDataPage(cpuBuffer.readerPage.offset);
  let page = from;
  const count = Math.min(meta.nrSubbufs - 1, 2 ** 24);
  for (let i = 0; i < count; i++, page = rbIncPage(page)) {
    page.entries = 0;
    buffer.initDataPage(page.offset);
  }
}

/**
 * rb_meta_inject_reader_page() (since 7.2; part of rb_meta_validate_events() before): the old reader page goes into
 * the ring before the old head, the page rewound to becomes the reader, and the ids are given anew.
 */
export function injectReaderPage(cpuBuffer: CpuBuffer, origHead: BufferPage, rewoundTo: BufferPage): void {
  const { meta } = cpuBuffer;
  const reader = cpuBuffer.readerPage;
  const before = origHead.prev;
  reader.next = origHead;
  reader.nextIsHead = false;
  reader.prev = origHead.prev;
  origHead.prev = reader;
  before.next = reader;
  before.nextIsHead = false;

  cpuBuffer.readerPage = rewoundTo;
  const head = rewoundTo.next;
  head.prev = rewoundTo.prev;
  const last = rewoundTo.prev;
  last.next = head;
  last.nextIsHead = true;
  cpuBuffer.pages = head;
  cpuBuffer.headPage = head;
  meta.headBuffer = head.address;

  meta.setBuffer(0, cpuBuffer.subbufIndex(rewoundTo.offset));
  rewoundTo.id = 0;
  const count = Math.min(meta.nrSubbufs, cpuBuffer.nrPages + 1);
  let page = head;
  for (let i = 1; i < count; i++, page = rbIncPage(page)) {
    meta.setBuffer(i, cpuBuffer.subbufIndex(page.offset));
    page.id = i;
  }
}

/** "is from previous boot!", with the count of dropped pages where there are any. */
export function sayRecovered(buffer: TraceBuffer, cpu: number): void {
  const discarded = buffer.discarded.get(cpu) ?? 0;
  const dropped = discarded ? ` (${discarded} pages discarded)` : "";
  buffer.say(`Ring buffer meta [${cpu}] is from previous boot!${dropped}`);
}

/** pr_info("Ring buffer [%d] rewound %d pages\n") */
export function sayRewound(buffer: TraceBuffer, cpu: number, pages: number): void {
  buffer.rewound.set(cpu, pages);
  buffer.say(`Ring buffer [${cpu}] rewound ${pages} pages`);
}
