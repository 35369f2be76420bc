import { type BufferPage, rbPageSize } from "../kernel/buffer-page.js";
import { KernelFault } from "../kernel/fault.js";
import type { Swap } from "../kernel/reader.js";
import { RB_MISSED_EVENTS, RB_MISSED_STORED } from "../ring/structs.js";
import type { MetaValues } from "../ring/trace-buffer-meta.js";
import { type Flush, flushReaderPage } from "./coherence.js";
import type { Mapping } from "./mapping.js";

/** What one TRACE_MMAP_IOCTL_GET_READER did. */
export interface GetReaderStep {
  /** Exchanges of the reader page, in order; more than one where empty pages were passed. */
  readonly swaps: readonly Swap[];
  /** The reader page afterwards: the id of the mapping, and its bpage->id, which is always 0. */
  readonly readerId: number;
  /** Bytes of it that this call consumed: what the program may read now, from `from` to `to`. */
  readonly from: number;
  readonly to: number;
  /** Events consumed. */
  readonly events: number;
  /** Lost before this page: a count, or -1 where only the fact is known; 0: none. */
  readonly lostEvents: number;
  /** Where the count of lost events was written into the page, behind its data. */
  readonly missedStoredAt: number | undefined;
  /** Nothing new: all is read. */
  readonly empty: boolean;
  readonly meta: MetaValues;
  readonly flushes: readonly Flush[];
  /** Where the kernel would WARN. */
  readonly warnings: readonly string[];
}

/** TRACE_MMAP_IOCTL_GET_READER: ring_buffer_map_get_reader() (ring_buffer.c, 6.10 to 7.3), on a non-blocking file. */
export function getReader(mapping: Mapping): GetReaderStep {
  const { reader, cpu } = mapping;
  const swapsBefore = reader.swaps.length;
  const warningsBefore = reader.warnings.length;
  const readBefore = cpu.read;
  let from = cpu.readerPage.read;
  let lost = 0;
  let storedAt: number | undefined;
  const turns = new Set<number>();
  // The kernel's loop: the page at hand is consumed, or else the next one fetched and then consumed.
  while (!reader.isEmpty()) {
    const page = cpu.readerPage;
    const size = rbPageSize(page);
    if (page.read < size) {
      from = page.read;
      consume(mapping, page, size);
      break;
    }
    const next = reader.getReaderPage();
    if (!next) break;
    if (turns.has(next.slot))
      throw endless(mapping, "the reader page was read beyond its end: fetching the next never ends");
    turns.add(next.slot);
    if (cpu.lostEvents !== 0) {
      lost = cpu.lostEvents;
      storedAt = noteMissedEvents(mapping, next) ?? storedAt;
    }
    cpu.lostEvents = 0;
    from = next.read;
  }
  const readerId = mapping.pageId(cpu.readerPage);
  const flushes = [flushReaderPage(mapping.behaviour, mapping.metaPageSize, mapping.subbufSize, readerId)];
  flushes.push(mapping.updateMetaPage());
  const events = cpu.read - readBefore;
  const swaps = reader.swaps.slice(swapsBefore);
  return {
    swaps,
    readerId,
    from: events === 0 && swaps.length === 0 ? cpu.readerPage.read : from,
    to: cpu.readerPage.read,
    events,
    lostEvents: lost,
    missedStoredAt: storedAt,
    empty: events === 0 && swaps.length === 0,
    meta: mapping.meta,
    flushes,
    warnings: reader.warnings.slice(warningsBefore),
  };
}

/** All of the reader page is taken as read: the program is expected to. */
function consume(mapping: Mapping, page: BufferPage, size: number): void {
  // A valid event moves forward. A length that wraps moves backward, and may do so forever.
  let steps = Math.min(size, mapping.cpu.area.size) + 16;
  while (page.read < size) {
    if (--steps < 0) throw endless(mapping, "an event's length leads backward: consuming the reader page never ends");
    mapping.reader.advance();
  }
}

/** Tells user space of lost events in the page itself: the flag in commit and, where there is room, the count. */
function noteMissedEvents(mapping: Mapping, page: BufferPage): number | undefined {
  const { cpu, reader } = mapping;
  const { area } = cpu;
  if (cpu.readerPage.is(cpu.commitPage)) {
    if (cpu.readerPage.is(cpu.tailPage))
      reader.warnings.push(`reader on the commit page with ${cpu.lostEvents} missed events`);
    return undefined;
  }
  const size = rbPageSize(page);
  const room = area.pageSize - area.headerSize - size;
  let storedAt: number | undefined;
  // The room is unsigned: a commit beyond the page makes it large, and the count lands behind the sub-buffer.
  if (room < 0 || room >= area.abi.longSize) {
    storedAt = page.dataOffset + size;
    if (storedAt + area.abi.longSize > area.size) throw behindArea(mapping, storedAt);
    area.setLong(storedAt, BigInt(cpu.lostEvents));
    page.commit += BigInt(RB_MISSED_STORED);
  }
  // The flag is an int: added to a long, it brings all the upper bits.
  page.commit += BigInt(RB_MISSED_EVENTS | 0);
  return storedAt;
}

function endless(mapping: Mapping, message: string): KernelFault {
  return new KernelFault("endless-loop", { fn: "ring_buffer_map_get_reader", cpu: mapping.cpu.cpu }, message);
}

function behindArea(mapping: Mapping, at: number): KernelFault {
  const { cpu, area } = mapping.cpu;
  const message = "the count of lost events would be written behind the area";
  return new KernelFault(
    "unknown-memory",
    { fn: "ring_buffer_map_get_reader", cpu, address: area.address(at) },
    message,
  );
}
