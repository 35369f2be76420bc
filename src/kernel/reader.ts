import { rbFixAbsTs, TYPE_PADDING, TYPE_TIME_EXTEND } from "../ring/records.js";
import { RB_MISSED_EVENTS } from "../ring/structs.js";
import { type BufferPage, rbIncPage, rbPageCommit, rbPageSize } from "./buffer-page.js";
import type { CpuBuffer } from "./cpu-buffer.js";
import { KernelFault } from "./fault.js";
import { offsetOf, rbSubbufsFromMeta } from "./place.js";
import type { ReaderBehaviour } from "./versions/reading.js";

/** One exchange of the reader page with the head page. */
export interface Swap {
  /** Physical index of the page that became the reader page. */
  readonly taken: number;
  /** Physical index of the old reader page, which took its place in the ring. */
  readonly given: number;
  /** The id that the two exchanged with 0. */
  readonly id: number;
  /** The page taken was empty: the kernel went on to the next. */
  readonly empty: boolean;
}

/** Reads one CPU's buffer as the kernel does for trace_pipe_raw and for a mapping (ring_buffer.c, 6.12 to 7.3). */
export class RingReader {
  /** Every exchange so far. */
  readonly swaps: Swap[] = [];
  /** Every time the kernel would WARN: each also stops recording for good (RB_WARN_ON). */
  readonly warnings: string[] = [];

  constructor(
    readonly cpu: CpuBuffer,
    readonly behaviour: ReaderBehaviour,
    /** Without ring_meta, an ordinary buffer: a swap changes no ids, and nothing in the area. */
    readonly persistent = true,
  ) {}

  /** rb_meta_subbuf_idx(): the physical index of a sub-buffer. */
  subbufIndex(page: BufferPage): number {
    const { area, meta } = this.cpu;
    const size = meta.subbufSize;
    if (size === 0)
      throw new KernelFault(
        "bad-access",
        { fn: "rb_meta_subbuf_idx", cpu: this.cpu.cpu },
        "subbuf_size is 0: a division by 0",
      );
    let start = rbSubbufsFromMeta(meta);
    if (this.behaviour.indexForgetsMeta) {
      const mask = BigInt(size | 0) - 1n;
      const behind = area.virt + BigInt(meta.offset) + 4n * BigInt(meta.nrSubbufs | 0);
      start = offsetOf(area, area.ulong((behind + mask) & ~mask));
    }
    return Math.trunc((page.offset - start) / size);
  }

  /** rb_per_cpu_empty() */
  isEmpty(): boolean {
    return this.cpu.numOfEntries() === 0;
  }

  /** rb_get_reader_page(): the page to read from, the next one where this one is read; undefined where there is none. */
  getReaderPage(): BufferPage | undefined {
    const { cpu } = this;
    const maxLoops = this.behaviour.maxLoops === "pages" && this.persistent ? cpu.nrPages : 3;
    let missed = 0n;
    let reader: BufferPage | undefined;
    for (let loops = 1; ; loops++) {
      if (loops > maxLoops) {
        this.warn(`rb_get_reader_page() passed ${maxLoops} empty sub-buffers and gave up`);
        reader = undefined;
        break;
      }
      reader = cpu.readerPage;
      const size = rbPageSize(reader);
      if (reader.read < size) break;
      if (reader.read > size) {
        this.warn(`the reader page was read to ${reader.read}, beyond its ${size} bytes`);
        break;
      }
      reader = undefined;
      if (cpu.readerPage.is(cpu.commitPage) || this.isEmpty()) break;
      this.clearReaderPage();
      reader = cpu.setHeadPage();
      if (!reader) {
        this.warn("no page of the ring is marked as its head");
        break;
      }
      if (this.behaviour.reportsDropped && (rbPageCommit(reader) & RB_MISSED_EVENTS) !== 0) missed = -1n;
      this.swapReader(reader);
    }
    if (reader && reader.read === 0) cpu.readStamp = reader.timeStamp;
    if (cpu.lostEvents === 0) cpu.lostEvents = Number(missed);
    return reader;
  }

  /** rb_init_data_page() on the page that goes back into the ring (until 6.16 only its commit, from 6.17 to 7.1 nothing). */
  private clearReaderPage(): void {
    const page = this.cpu.readerPage;
    page.entries = 0;
    if (this.behaviour.consumedPage !== "nothing") page.commit = 0n;
    if (this.behaviour.consumedPage === "commit-and-time") page.timeStamp = 0n;
  }

  /** Splices the old reader page into the ring in the head page's place, and moves the head on. */
  private swapReader(head: BufferPage): void {
    const { cpu } = this;
    const old = cpu.readerPage;
    old.next = head.next;
    old.prev = head.prev;
    cpu.pages = head.prev;
    old.nextIsHead = true;
    // rb_head_page_replace()
    head.prev.next = old;
    head.prev.nextIsHead = false;
    this.updateMetaReader(old, head);
    head.next.prev = old;
    cpu.headPage = rbIncPage(cpu.headPage!);
    cpu.readerPage = head;
    head.read = 0;
  }

  /** rb_update_meta_reader(), rb_update_meta_head(): the same exchange in the area, so that the next boot finds it. */
  private updateMetaReader(old: BufferPage, reader: BufferPage): void {
    const { meta } = this.cpu;
    const { id } = reader;
    const empty = rbPageSize(reader) === 0;
    if (!this.persistent) {
      this.swaps.push({ taken: reader.index, given: old.index, id, empty });
      return;
    }
    const taken = this.subbufIndex(reader);
    const given = this.subbufIndex(old);
    old.id = id;
    reader.id = 0;
    meta.setBuffer(0, taken);
    meta.setBuffer(id, given);
    if (meta.headBuffer === reader.address) meta.headBuffer = rbIncPage(reader).address;
    this.swaps.push({ taken, given, id, empty });
  }

  /** rb_advance_reader(): takes one event off the reader page. */
  advance(): void {
    const { cpu } = this;
    const { area } = cpu;
    const reader = this.getReaderPage();
    if (!reader) {
      this.warn("an event was to be read from an empty buffer");
      return;
    }
    const at = reader.dataOffset + reader.read;
    const head = this.word(at);
    const little = area.abi.littleEndian;
    const type = little ? head & 31 : head >>> 27;
    const delta = little ? head >>> 5 : head & 0x7ffffff;
    let length: number;
    if (type < TYPE_PADDING) {
      cpu.read++;
      cpu.readStamp = BigInt.asUintN(64, cpu.readStamp + BigInt(delta));
      length = type > 0 ? type * 4 + 4 : this.word(at + 4) + 4;
    } else if (type === TYPE_PADDING) {
      length = delta === 0 ? 0xffffffff : this.word(at + 4) + 4;
    } else {
      const stamp = (BigInt(this.word(at + 4)) << 27n) + BigInt(delta);
      cpu.readStamp =
        type === TYPE_TIME_EXTEND ? BigInt.asUintN(64, cpu.readStamp + stamp) : rbFixAbsTs(stamp, cpu.readStamp);
      length = 8;
    }
    reader.read = (reader.read + length) >>> 0;
    cpu.readBytes += length >>> 0;
  }

  private word(at: number): number {
    const { area, cpu } = this.cpu;
    if (at >= 0 && at + 4 <= area.size) return area.u32(at);
    const message = "an event would lie behind the area: what the kernel reads there is not in the image";
    throw new KernelFault("unknown-memory", { fn: "rb_advance_reader", cpu, address: area.address(at) }, message);
  }

  private warn(text: string): void {
    this.warnings.push(text);
  }
}
