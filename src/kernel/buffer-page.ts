import { RB_MISSED_EVENTS, RB_MISSED_STORED } from "../ring/structs.js";
import { COMMIT_OFFSET } from "../ring/subbuf.js";
import type { Area } from "./area.js";

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
