import { Sequence } from "../ground/sequence.js";
import type { CpuArea } from "../image/cpu-area.js";
import { type Image, subbufBytes } from "../image/image.js";
import { SubbufWindow } from "../image/subbuf-window.js";
import type { SubbufHeader } from "../ring/subbuf.js";
import { examine } from "./examine.js";
import type { WriterOrder } from "./order.js";
import { isZero, LINE } from "./resync/words.js";
import { Candidate, type SubbufReading } from "./subbuf-reading.js";
import { SubbufTable, type TableContents } from "./subbuf-table.js";
import { resolveTimes } from "./times/resolve.js";

/** One CPU's sub-buffers, read: which of them are believed, in which order, and why. */
export interface CpuReading {
  readonly cpu: CpuArea;
  /** Every sub-buffer by id. */
  readonly subbufs: Sequence<SubbufReading>;
  /** Those with unread events, oldest first: what `events` shows. */
  readonly unread: readonly SubbufReading[];
  /** Those that a reader took and that still hold their events, or an earlier lap's, oldest first; all older than the unread ones. */
  readonly consumed: readonly SubbufReading[];
}

/** A CPU's sub-buffers that are shown, oldest first: those that a reader had taken only where they are asked for. */
export function shownSubbufs({ consumed, unread }: CpuReading, withConsumed: boolean): readonly SubbufReading[] {
  return withConsumed ? [...consumed, ...unread] : unread;
}

/** A CPU while it is being read. */
export interface Draft {
  readonly table: SubbufTable;
  /** Every sub-buffer, in the writer's order. */
  readonly placed: Sequence<Candidate>;
  /** Those that are, or may be, believed, oldest first. */
  readonly order: readonly Candidate[];
}

/** A CPU's sub-buffers, each walked by itself (subbuf-walk.ts). */
export interface Walked {
  readonly table: SubbufTable;
  readonly order: WriterOrder;
}

/** Puts a CPU's sub-buffers in order. */
export function draftCpu(image: Image, { table, order: { ids } }: Walked): Draft {
  const { cpu } = table;
  const placed = new Sequence(ids.length, (i) => new Candidate(table, cpu.indexById[ids[i]!]!));
  const reader = table.header(cpu.reader.index);
  const exchanged = reader.commit !== 0n || reader.timeStamp !== 0n;
  const untaken = ({ header, index }: Candidate): boolean =>
    cpu.inferred ? !isTaken(image, cpu, index, header) : !exchanged && header.size > 0 && header.timeStamp !== 0n;
  // Behind the head, and not taken by a reader all the same: the head or the commit is lost, or the reader page was never
  // exchanged, so that every page with a header is unread.
  if (cpu.inferred || !exchanged) {
    const window = new SubbufWindow(image, cpu);
    for (const page of placed)
      if (page.role === "consumed" && untaken(page)) examine(image.subbufs, window.read(page.index), page, "unread");
  }
  return { table, placed, order: resolveTimes(image, cpu, placed) };
}

/**
 * Its header is zeroed and the records in the same line are not: a reader did that, no loss of memory (7.2 and later,
 * rb_get_reader_page(), kernel/trace/ring_buffer.c).
 */
function isTaken(image: Image, cpu: CpuArea, index: number, { size, timeStamp }: SubbufHeader): boolean {
  if (size > 0 || timeStamp !== 0n) return false;
  return !isZero(subbufBytes(image, cpu, index).view, 0, LINE);
}

/** What is believed of a CPU in the end. */
export function finishCpu({ table, placed, order: drafted }: Draft): ReadCpu {
  const order = drafted.filter(({ records }) => records.events > 0);
  for (const page of order) page.believed = true;
  noteLosses(placed, order);
  return new ReadCpu(table, order);
}

/** A CPU's reading as plain data, for other threads. Sub-buffers by their physical index. */
export interface CpuReadingContents {
  readonly table: TableContents;
  readonly order: Int32Array;
}

/** A CPU that was read. */
export class ReadCpu implements CpuReading {
  readonly subbufs: Sequence<SubbufReading>;
  readonly unread: readonly SubbufReading[];
  readonly consumed: readonly SubbufReading[];

  constructor(
    readonly table: SubbufTable,
    private readonly order: readonly Candidate[],
  ) {
    const { nrSubbufs, indexById } = table.cpu;
    this.subbufs = new Sequence(nrSubbufs, (id) => new Candidate(table, indexById[id]!));
    this.unread = order.filter(({ role }) => role !== "consumed");
    this.consumed = order.filter(({ role }) => role === "consumed");
  }

  get cpu(): CpuArea {
    return this.table.cpu;
  }

  get contents(): CpuReadingContents {
    return { table: this.table.contents, order: Int32Array.from(this.order, ({ index }) => index) };
  }

  /** The same reading again, of the same CPU. */
  static from(cpu: CpuArea, { table: contents, order }: CpuReadingContents): ReadCpu {
    const table = new SubbufTable(cpu, contents);
    return new ReadCpu(
      table,
      Array.from(order, (index) => new Candidate(table, index)),
    );
  }
}

/**
 * Finds the believed pages before which something is missing: it was marked so, the page before was cut, or what stood
 * between them by the writer's pointers is not believed.
 */
function noteLosses(pages: Sequence<Candidate>, order: readonly Candidate[]): void {
  /** By the believed page that it stands before. */
  let pending = false;
  let first = true;
  for (const page of pages) {
    if (page.evidence === "older-lap") pending = true;
    else if (page.believed) {
      if (pending) page.behindLoss = true;
      pending = false;
      first = false;
    } else if (page.role === "unread" || page.role === "reader") {
      const gone = page.header.missedEvents || page.evidence === "no-records" || page.evidence === "stale";
      if (gone || (page.evidence === "empty" && page.role === "unread" && !page.isCommit && !first)) pending = true;
    }
  }
  let cut = false;
  for (const page of order) {
    if (cut || page.header.missedEvents) page.behindLoss = true;
    cut = page.lostAfter;
  }
}
