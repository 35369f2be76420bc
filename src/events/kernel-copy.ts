import { Bytes } from "../ground/bytes.js";
import type { RecordData } from "../print/record.js";
import { RecordCursor } from "../ring/records.js";
import type { TraceEvent } from "./event.js";
import type { EventPages } from "./page.js";

/**
 * What a kernel sees behind a record that is too short for its event. rb_iter_head_event() copies each record of a CPU
 * to the start of one buffer, a page's data long, so behind a record stands what longer ones left before it (6.12 to
 * 7.3). At first it is zeros, where CONFIG_INIT_ON_ALLOC_DEFAULT_ON is set, as in Debian's kernels.
 */
export class KernelCopies {
  private readonly copies = new Map<number, Copy>();

  constructor(private readonly pages: readonly EventPages[]) {}

  /** A copy of an event's record, with all that lies behind it; undefined where its page is not among the CPU's. */
  of(event: TraceEvent): RecordData | undefined {
    let copy = this.copies.get(event.cpu);
    if (copy === undefined || copy.isBehind(event)) {
      const pages = this.pages.find(({ cpu }) => cpu === event.cpu);
      if (pages === undefined) return undefined;
      copy = new Copy(pages.fork(), event);
      this.copies.set(event.cpu, copy);
    }
    if (!copy.reach(event)) return undefined;
    const data = event.data - event.record;
    return { bytes: copy.bytes, data, dataSize: copy.bytes.length - data };
  }
}

/** One CPU's buffer, as it is when a record has been copied. */
class Copy {
  readonly bytes: Bytes;
  private position = -1;
  private last = -1;
  /** Of the page at `position`. */
  private index = -1;
  private cursor: RecordCursor | undefined;
  private source: Uint8Array = new Uint8Array(0);

  constructor(
    private readonly pages: EventPages,
    { page }: TraceEvent,
  ) {
    this.bytes = new Bytes(new Uint8Array(page.capacity), page.bytes.abi);
  }

  /** Events come in order; whoever goes back starts anew. */
  isBehind(event: TraceEvent): boolean {
    return event.position < this.last;
  }

  /** Copies on, up to the event's record. */
  reach(event: TraceEvent): boolean {
    if (event.position === this.last) return true;
    while (this.step()) {
      if (this.cursor?.offset !== event.record || this.index !== event.page.index) continue;
      this.last = event.position;
      return true;
    }
    return false;
  }

  private step(): boolean {
    while (!this.cursor?.next()) {
      if (++this.position >= this.pages.count) return false;
      const { bytes, start, size, timeHi, timeLo, index } = this.pages.page(this.position);
      this.index = index;
      this.source = bytes.u8;
      this.cursor = new RecordCursor(bytes.view, bytes.abi.littleEndian);
      this.cursor.open(start, start + size, timeHi, timeLo);
    }
    const { offset, length } = this.cursor;
    if (length <= this.bytes.length) this.bytes.u8.set(this.source.subarray(offset, offset + length));
    return true;
  }
}
