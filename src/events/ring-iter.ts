import type { Bytes } from "../ground/bytes.js";
import { RB_EVNT_HDR_SIZE, TYPE_PADDING, TYPE_TIME_EXTEND, TYPE_TIME_STAMP } from "../ring/records.js";
import { TRACE_ENTRY_SIZE } from "../ring/structs.js";
import type { Origin } from "./clock.js";
import type { TraceEvent } from "./event.js";
import { exactTime } from "./exact-time.js";
import { copyOf, type RecordCopy } from "./kernel-copy.js";
import { MAX_SMALL_DATA } from "./length-words.js";
import { type EventPage, type EventPages, NO_PAGE } from "./page.js";
import type { WriterDoubts } from "./writer-doubts.js";

const TWO_32 = 2 ** 32;
/** The five bits that an absolute time stamp has no room for (TS_MSB, kernel/trace/ring_buffer.c), of the high half. */
const TS_MSB_HI = 0xf8000000;

/** How to read. */
export interface ReadPolicy {
  readonly littleEndian: boolean;
  readonly origin: Origin;
  /**
   * As the kernel's iterator: rb_iter_peek() gives up after this many steps without an event, and its caller takes the
   * CPU for empty. Infinity reads on.
   */
  readonly maxSteps: number;
  /** A page's missed-events flag is told (since 7.2, and always outside the kernel's view). */
  readonly pageLost: boolean;
  /** That of the page it begins with too, which the kernel's iterator does not look at. */
  readonly firstLost: boolean;
  /** Whether small events have a length word in front, too (forcesAlignment()); asked where one has. */
  readonly forcedAlignment?: () => boolean;
  /** Told of a sub-buffer that a kernel prints again and again, by where it lies. */
  readonly endless?: (cpu: number, offset: number) => void;
  /** What is not certain of the writing kernel. */
  readonly uncertain?: WriterDoubts | undefined;
}

/** All that is there, and all losses: how everybody reads but the kernel. */
export const READ_ALL = { maxSteps: Number.POSITIVE_INFINITY, pageLost: true, firstLost: true } as const;

/**
 * Walks one CPU's events in order: a peek() that finds the next event and leaves it in the fields, and an advance()
 * that goes past it (struct ring_buffer_iter, rb_iter_peek() and rb_advance_iter(), kernel/trace/ring_buffer.c 6.12
 * to 7.3). Nothing is allocated per event.
 */
export class RingIter implements TraceEvent {
  readonly cpu: number;
  /** Set by who puts the CPUs' events in order. */
  position = -1;
  /** peek() is false at the end only. */
  readonly neverGivesUp: boolean;
  /** The event's time since the origin. */
  t = 0;
  bytes: Bytes;
  view: DataView;
  /** Where its data begins in the view, and the bytes that belong to it. */
  data = 0;
  dataSize = 0;
  /**
   * What ring_buffer_event_length() says: as dataSize, but four more where a small event has its length in front and its
   * writer would not have put it there: a kernel takes the length word off large events only, but for one that puts it in
   * front of all.
   */
  entSize = 0;
  record = 0;
  page: EventPage;
  lost = 0;

  /** Of the policy and of the page, what each event asks for: these are of many shapes, and this is of one. */
  private readonly littleEndian: boolean;
  private start = 0;
  private size = 0;
  private capacity = 0;

  private pageAt = 0;
  private head = 0;
  private next = 0;
  private stamp = 0;
  /** The time behind the event. */
  private behind = 0;
  private ready = false;
  /** As a kernel reads: where the event stands in a copy. */
  private inCopy = false;
  private copied: RecordCopy | undefined;

  constructor(
    private readonly pages: EventPages,
    private readonly policy: ReadPolicy,
  ) {
    this.cpu = pages.cpu;
    this.littleEndian = policy.littleEndian;
    this.neverGivesUp = policy.maxSteps === Number.POSITIVE_INFINITY;
    this.page = NO_PAGE;
    this.bytes = NO_PAGE.bytes;
    this.view = this.bytes.view;
    if (pages.count > 0) this.enter(0);
  }

  /** To the beginning of a page, past whatever lies before it. */
  enterPage(position: number): void {
    this.ready = false;
    this.lost = 0;
    this.enter(position);
  }

  /** Another iterator that stands where this one does. */
  fork(): RingIter {
    const other = new RingIter(this.pages.fork(), this.policy);
    other.copy(this);
    return other;
  }

  /** Goes where another iterator of the same CPU stands. */
  copy(other: RingIter): void {
    if (this.inCopy) this.leaveCopy();
    if (this.pageAt !== other.pageAt) this.stand(this.pages.page(other.pageAt));
    this.position = other.position;
    this.t = other.t;
    this.data = other.data;
    this.dataSize = other.dataSize;
    this.entSize = other.entSize;
    this.record = other.record;
    this.lost = other.lost;
    this.pageAt = other.pageAt;
    this.head = other.head;
    this.next = other.next;
    this.stamp = other.stamp;
    this.behind = other.behind;
    // A copy is the other's own.
    this.ready = other.ready && !other.inCopy;
    if (other.inCopy) this.peek();
  }

  get uncertain(): WriterDoubts | undefined {
    return this.policy.uncertain;
  }

  get offset(): number {
    return this.page.bytes.offset + this.record;
  }

  get type(): number {
    return this.dataSize < 2 ? -1 : this.view.getUint16(this.data, this.littleEndian);
  }

  get pid(): number {
    return this.dataSize < 8 ? 0 : this.view.getInt32(this.data + 4, this.littleEndian);
  }

  get flags(): number {
    return this.dataSize < 3 ? 0 : this.view.getUint8(this.data + 2);
  }

  get preemptCount(): number {
    return this.dataSize < 4 ? 0 : this.view.getUint8(this.data + 3);
  }

  private enter(position: number): void {
    this.pageAt = position;
    const page = this.pages.page(position);
    this.stand(page);
    this.head = 0;
    this.stamp = this.since(page.timeHi, page.timeLo);
    if (position > 0 && page.missed && this.policy.pageLost) this.lost = page.missedCount ?? -1;
    else if (position === 0 && page.missed && this.policy.firstLost) this.lost = page.missedCount ?? -1;
  }

  private stand(page: EventPage): void {
    this.page = page;
    this.bytes = page.bytes;
    this.view = page.bytes.view;
    this.start = page.start;
    this.size = page.size;
    this.capacity = page.capacity;
  }

  private since(hi: number, lo: number): number {
    return (hi - this.policy.origin.hi) * TWO_32 + (lo - this.policy.origin.lo);
  }

  /** True when there is an event; it stays the current one until advance(). */
  peek(): boolean {
    if (this.ready) return true;
    const { littleEndian } = this;
    // rb_iter_peek() takes an absolute time stamp for the event's time, and adds no delta; 0 is none.
    let absolute: number | undefined;
    for (let steps = 0; ; ) {
      const { head, size } = this;
      if (head >= size) {
        // ring_buffer_iter_empty()
        if (this.pageAt >= this.pages.count - 1 || this.givesUp(++steps)) return false;
        this.enter(this.pageAt + 1);
        continue;
      }
      if (this.givesUp(++steps)) return false;
      const at = this.start + head;
      if (size >= 8 && head > size - 8) {
        if (!this.bad()) return false;
        continue;
      }
      const word = this.view.getUint32(at, littleEndian);
      const typeLen = littleEndian ? word & 31 : word >>> 27;
      const timeDelta = littleEndian ? word >>> 5 : word & 0x7ffffff;
      let length: number;
      let second = 0;
      if (typeLen > 0 && typeLen < TYPE_PADDING) length = typeLen * 4 + 4;
      else {
        second = size - head >= 8 ? this.view.getUint32(at + 4, littleEndian) : 0;
        if (typeLen >= TYPE_TIME_EXTEND) length = 8;
        else if (typeLen === TYPE_PADDING && timeDelta === 0) length = TWO_32;
        else length = second < 4 && this.neverGivesUp ? TWO_32 : second + 4;
      }
      if (length > this.capacity || head + length > size) {
        if (!this.bad()) return false;
        continue;
      }
      this.next = head + length;
      switch (typeLen) {
        case TYPE_PADDING:
          // A discarded event. ring_buffer_iter_peek() starts over, with its steps uncounted.
          this.step();
          steps = 0;
          absolute = undefined;
          continue;
        case TYPE_TIME_EXTEND:
          this.stamp += timeDelta + second * 0x8000000;
          this.step();
          continue;
        case TYPE_TIME_STAMP:
          this.stamp = this.absolute(second >>> 5, ((second << 27) | timeDelta) >>> 0);
          absolute = this.neverGivesUp || (second | timeDelta) === 0 ? undefined : this.stamp;
          this.step();
          continue;
      }
      const before = typeLen === 0 ? 8 : 4;
      this.record = at;
      this.data = at + before;
      this.dataSize = length - before;
      this.entSize = typeLen === 0 ? this.lengthBehind(second) : this.dataSize;
      if (this.dataSize < TRACE_ENTRY_SIZE && !this.neverGivesUp) this.standInCopy(before);
      this.behind = this.stamp + timeDelta;
      this.t = absolute ?? this.behind;
      this.ready = true;
      return true;
    }
  }

  /**
   * A record without room for a type, flags and a task: kernels take what stands in their copy of it (rb_iter_head_event()), where
   * records before it have left more. One of four bytes, as zeros are, takes its length word from there, too.
   */
  private standInCopy(before: number): void {
    this.copied = copyOf(this, this.pages, this.copied);
    this.copied.reach(this);
    this.inCopy = true;
    this.bytes = this.copied.bytes;
    this.view = this.bytes.view;
    this.data = before;
    if (this.dataSize < 0) {
      this.entSize = this.lengthBehind(this.view.getUint32(RB_EVNT_HDR_SIZE, this.littleEndian));
    }
    this.dataSize = this.bytes.length - before;
  }

  /** ring_buffer_event_length() by a length word. */
  private lengthBehind(word: number): number {
    return word <= MAX_SMALL_DATA + 4 && this.policy.forcedAlignment?.() !== true ? word : word - 4;
  }

  private leaveCopy(): void {
    this.inCopy = false;
    this.bytes = this.page.bytes;
    this.view = this.bytes.view;
  }

  /** It has given its last event: peek() finds no more, however often it is asked. */
  get ended(): boolean {
    return !this.ready && this.head >= this.size && this.pageAt >= this.pages.count - 1;
  }

  private givesUp(steps: number): boolean {
    return !this.neverGivesUp && steps > this.policy.maxSteps;
  }

  /** Past the current event. */
  advance(): void {
    this.lost = 0;
    if (!this.ready) return;
    this.ready = false;
    if (this.inCopy) this.leaveCopy();
    this.stamp = this.behind;
    this.step();
  }

  /** Past the record at head; rb_advance_iter() goes to the next page as soon as one is read. */
  private step(): void {
    this.head = this.next;
    if (this.head >= this.size && this.pageAt < this.pages.count - 1) this.enter(this.pageAt + 1);
  }

  /**
   * A record that cannot be. The kernel begins the page again, which is endless if it got anywhere before; here the
   * rest of the page is given up. Where the page begins with it, rb_iter_peek() runs out of steps, and so at every
   * call: the CPU has no more.
   */
  private bad(): boolean {
    if (!this.neverGivesUp && this.head === 0) return false;
    this.policy.endless?.(this.cpu, this.page.bytes.offset);
    if (this.pageAt < this.pages.count - 1) {
      this.enter(this.pageAt + 1);
      this.lost = -1;
    } else this.head = this.size;
    return true;
  }

  /** An absolute time stamp: 59 bits, the rest from the time before (rb_fix_abs_ts()). */
  private absolute(hi: number, lo: number): number {
    const { origin } = this.policy;
    const before = origin.lo + this.stamp;
    const beforeHi = origin.hi + Math.floor(before / TWO_32);
    const top = (beforeHi & TS_MSB_HI) >>> 0;
    if (top === 0) return this.since(hi, lo);
    const fixed = this.since((hi | top) >>> 0, lo);
    return fixed < this.stamp ? fixed + 0x8000000 * TWO_32 : fixed;
  }

  /** The event's time to the last bit: walks the page again. */
  exactTime(): bigint {
    return exactTime(this.page, this.record);
  }
}
