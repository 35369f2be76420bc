import type { Abi } from "../ground/abi.js";
import { subbufHeaderSize } from "../ground/abi.js";
import type { CopyOnWrite } from "../input/copy-on-write.js";
import type { CpuMetaTable } from "../ring/layouts.js";
import { layoutOf, RB_MISSED_EVENTS, RB_MISSED_STORED } from "../ring/structs.js";
import { COMMIT_OFFSET } from "../ring/subbuf.js";
import type { KnownHeaders } from "./known-headers.js";

/**
 * The kernel's memory around one persistent buffer: the area itself (mutable bytes at an address) and the structures
 * that kernel/trace/ring_buffer.c keeps beside it (struct buffer_page, struct ring_buffer_per_cpu). Everything that a
 * boot, a reader or a mapping does is done on these; nothing here checks what the kernel does not check, except that
 * no access leaves the area.
 */

/** Byte offsets inside a CPU's meta, from the struct tables. */
export interface CpuMetaLayout {
  /** sizeof: where buffers[] begins. */
  readonly size: number;
  readonly firstBuffer: number;
  readonly headBuffer: number;
  readonly commitBuffer: number;
  readonly subbufSize: number;
  readonly nrSubbufs: number;
  /** -1 where the struct has no such field. */
  readonly magic: number;
  readonly structSize: number;
  readonly textAddr: number;
  readonly dataAddr: number;
  readonly nrInvalid: number;
  readonly entryBytes: number;
}

/** Where a writer's struct has its fields on one kind of machine. */
export function cpuMetaLayout(table: CpuMetaTable, abi: Abi): CpuMetaLayout {
  const { offsets, size } = layoutOf(table, abi) as { offsets: Record<string, number>; size: number };
  const at = (name: string): number => offsets[name] ?? -1;
  return {
    size,
    firstBuffer: at("first_buffer"),
    headBuffer: at("head_buffer"),
    commitBuffer: at("commit_buffer"),
    subbufSize: at("subbuf_size"),
    nrSubbufs: at("nr_subbufs"),
    magic: at("magic"),
    structSize: at("struct_size"),
    textAddr: at("text_addr"),
    dataAddr: at("data_addr"),
    nrInvalid: at("nr_invalid"),
    entryBytes: at("entry_bytes"),
  };
}

/** The reserved area in the kernel's memory: its bytes, and where the kernel sees them. */
export class Area {
  /** Bytes before a sub-buffer's data (BUF_PAGE_HDR_SIZE). */
  readonly headerSize: number;
  /** PAGE_SIZE of the kernel that is simulated. */
  readonly pageSize: number;
  /** The address of its first byte in that boot. */
  readonly virt: bigint;
  private readonly wide: boolean;

  /**
   * @param bytes the area, changed in place
   * @param headers those of the image that were read already
   */
  constructor(
    readonly bytes: CopyOnWrite,
    readonly abi: Abi,
    { pageSize, virt }: Pick<Area, "pageSize" | "virt">,
    private readonly headers?: KnownHeaders,
  ) {
    this.pageSize = pageSize;
    this.virt = virt;
    this.headerSize = subbufHeaderSize(abi);
    this.wide = abi.longSize === 8;
  }

  get size(): number {
    return this.bytes.size;
  }

  /** Wraps as the machine's unsigned long. */
  ulong(value: bigint): bigint {
    return BigInt.asUintN(this.wide ? 64 : 32, value);
  }

  u32(at: number): number {
    return this.bytes.u32(at, this.abi.littleEndian);
  }

  i32(at: number): number {
    return this.u32(at) | 0;
  }

  setU32(at: number, value: number): void {
    this.bytes.setU32(at, value, this.abi.littleEndian);
  }

  u64(at: number): bigint {
    return this.bytes.u64(at, this.abi.littleEndian);
  }

  setU64(at: number, value: bigint): void {
    this.bytes.setU64(at, value, this.abi.littleEndian);
  }

  long(at: number): bigint {
    return this.wide ? this.u64(at) : BigInt(this.u32(at));
  }

  setLong(at: number, value: bigint): void {
    if (this.wide) this.setU64(at, this.ulong(value));
    else this.setU32(at, Number(this.ulong(value)));
  }

  /** time_stamp of the sub-buffer at this place. */
  timeStamp(subbuf: number): bigint {
    return this.headersOf(subbuf)?.timeStamp(subbuf) ?? this.u64(subbuf);
  }

  /** local_read() of its commit: the whole long, unsigned. */
  commit(subbuf: number): bigint {
    return this.headersOf(subbuf)?.commit(subbuf) ?? this.long(subbuf + COMMIT_OFFSET);
  }

  /** The same as an unsigned int: the long's low 32 bits. */
  commitLow(subbuf: number): number {
    const end = this.wide && !this.abi.littleEndian ? 4 : 0;
    return this.headersOf(subbuf)?.commitLow(subbuf) ?? this.u32(subbuf + COMMIT_OFFSET + end);
  }

  /** Those of the image, where this sub-buffer's header still stands as there. */
  private headersOf(subbuf: number): KnownHeaders | undefined {
    return this.headers !== undefined && this.bytes.isUntouched(subbuf, this.headerSize) ? this.headers : undefined;
  }

  /** The address of a byte of the area. */
  address(offset: number): bigint {
    return this.ulong(this.virt + BigInt(offset));
  }
}

/**
 * The struct buffer_page of all sub-buffers of one CPU: a column a member, as a large ring has millions of them. What is 0 is
 * not written. A page is known by its slot, its place in buffers[] when the CPU came up.
 */
export class BufferPages {
  /** The physical index in the CPU's sub-buffer array; what a mapping program calls the sub-buffer's id. */
  readonly index: Int32Array;
  /** Where the sub-buffer (its struct buffer_data_page) lies in the area. */
  readonly offset: Float64Array;
  /** bpage->id: the position in buffers[]; 0 is the reader page. */
  readonly id: Int32Array;
  /** bpage->read: bytes of data already consumed. */
  readonly read: Uint32Array;
  /** bpage->entries: data events on the page. */
  readonly entries: Uint32Array;
  /** Slots of list.next and list.prev, without their flags. A page alone points at itself (INIT_LIST_HEAD). */
  readonly next: Int32Array;
  readonly prev: Int32Array;
  /** RB_PAGE_HEAD in list.next: the next page is the head page. */
  readonly nextIsHead: Uint8Array;

  constructor(
    readonly area: Area,
    readonly count: number,
  ) {
    this.index = new Int32Array(count);
    this.offset = new Float64Array(count);
    this.id = new Int32Array(count);
    this.read = new Uint32Array(count);
    this.entries = new Uint32Array(count);
    this.next = new Int32Array(count);
    this.prev = new Int32Array(count);
    this.nextIsHead = new Uint8Array(count);
  }

  /** Links slots 1 and up to a ring in the order of their ids; slot 0, the reader page, to itself. */
  link(): void {
    const { count, id, next, prev } = this;
    for (let slot = 1; slot < count; slot++) {
      id[slot] = slot;
      next[slot] = slot + 1 < count ? slot + 1 : 1;
      prev[slot] = slot > 1 ? slot - 1 : count - 1;
    }
  }

  at(slot: number): BufferPage {
    return new BufferPage(this, slot);
  }
}

/** One struct buffer_page: a view. Others may be of the same page: they are compared by is(). */
export class BufferPage {
  constructor(
    private readonly pages: BufferPages,
    readonly slot: number,
  ) {}

  is(other: BufferPage | undefined): boolean {
    return other !== undefined && other.slot === this.slot && other.pages === this.pages;
  }

  get area(): Area {
    return this.pages.area;
  }

  get index(): number {
    return this.pages.index[this.slot]!;
  }

  get offset(): number {
    return this.pages.offset[this.slot]!;
  }

  get id(): number {
    return this.pages.id[this.slot]!;
  }

  set id(value: number) {
    this.pages.id[this.slot] = value;
  }

  get read(): number {
    return this.pages.read[this.slot]!;
  }

  set read(value: number) {
    if (value !== this.read) this.pages.read[this.slot] = value;
  }

  get entries(): number {
    return this.pages.entries[this.slot]!;
  }

  set entries(value: number) {
    if (value !== this.entries) this.pages.entries[this.slot] = value;
  }

  get next(): BufferPage {
    return this.pages.at(this.pages.next[this.slot]!);
  }

  set next(page: BufferPage) {
    this.pages.next[this.slot] = page.slot;
  }

  get prev(): BufferPage {
    return this.pages.at(this.pages.prev[this.slot]!);
  }

  set prev(page: BufferPage) {
    this.pages.prev[this.slot] = page.slot;
  }

  get nextIsHead(): boolean {
    return this.pages.nextIsHead[this.slot] !== 0;
  }

  set nextIsHead(value: boolean) {
    this.pages.nextIsHead[this.slot] = value ? 1 : 0;
  }

  /** bpage->page as an address. */
  get address(): bigint {
    return this.area.address(this.offset);
  }

  get timeStamp(): bigint {
    return this.area.timeStamp(this.offset);
  }

  set timeStamp(value: bigint) {
    this.area.setU64(this.offset, value);
  }

  /** local_read(&page->commit): the whole long, unsigned. */
  get commit(): bigint {
    return this.area.commit(this.offset);
  }

  set commit(value: bigint) {
    this.area.setLong(this.offset + COMMIT_OFFSET, value);
  }

  /** Where the sub-buffer's data begins in the area. */
  get dataOffset(): number {
    return this.offset + this.area.headerSize;
  }
}

/** rb_page_commit(): commit as an unsigned int, flags included. */
export function rbPageCommit(page: BufferPage): number {
  return page.area.commitLow(page.offset);
}

/** rb_page_size() since 7.2: commit without RB_MISSED_EVENTS and RB_MISSED_STORED. */
export function rbPageSize(page: BufferPage): number {
  return (rbPageCommit(page) & ~(RB_MISSED_EVENTS | RB_MISSED_STORED)) >>> 0;
}

/** rb_inc_page() */
export function rbIncPage(page: BufferPage): BufferPage {
  return page.next;
}

/** rb_dec_page() */
export function rbDecPage(page: BufferPage): BufferPage {
  return page.prev;
}

/** One CPU's struct ring_buffer_(cpu_)meta, in the area. */
export class CpuMeta {
  constructor(
    readonly area: Area,
    readonly layout: CpuMetaLayout,
    /** Where it begins in the area. */
    readonly offset: number,
  ) {}

  get firstBuffer(): bigint {
    return this.area.long(this.offset + this.layout.firstBuffer);
  }
  set firstBuffer(value: bigint) {
    this.area.setLong(this.offset + this.layout.firstBuffer, value);
  }
  get headBuffer(): bigint {
    return this.area.long(this.offset + this.layout.headBuffer);
  }
  set headBuffer(value: bigint) {
    this.area.setLong(this.offset + this.layout.headBuffer, value);
  }
  get commitBuffer(): bigint {
    return this.area.long(this.offset + this.layout.commitBuffer);
  }
  set commitBuffer(value: bigint) {
    this.area.setLong(this.offset + this.layout.commitBuffer, value);
  }
  get subbufSize(): number {
    return this.area.u32(this.offset + this.layout.subbufSize);
  }
  set subbufSize(value: number) {
    this.area.setU32(this.offset + this.layout.subbufSize, value);
  }
  get nrSubbufs(): number {
    return this.area.u32(this.offset + this.layout.nrSubbufs);
  }
  set nrSubbufs(value: number) {
    this.area.setU32(this.offset + this.layout.nrSubbufs, value);
  }

  /** buffers[id], signed as in the kernel. */
  buffer(id: number): number {
    return this.area.i32(this.offset + this.layout.size + 4 * id);
  }
  setBuffer(id: number, index: number): void {
    this.area.setU32(this.offset + this.layout.size + 4 * id, index);
  }
}

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
