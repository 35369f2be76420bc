import { Bytes } from "../ground/bytes.js";
import type { RecordData } from "../print/record.js";
import { RB_EVNT_HDR_SIZE, RecordCursor } from "../ring/records.js";
import type { TraceEvent } from "./event.js";
import type { EventPages } from "./page.js";

/** What a kernel sees behind a record that is too short for its event. */
export interface RecordCopies {
  /** The copy that it prints an event from; undefined where none can be told. */
  of(event: TraceEvent): RecordData | undefined;
}

/** Those that are made when an event is taken from its CPU. */
export class KernelCopies implements RecordCopies {
  private readonly copies = new Map<number, RecordCopy>();

  constructor(private readonly pages: readonly EventPages[]) {}

  /** A copy of an event's record, with all that lies behind it; undefined where its page is not among the CPU's. */
  of(event: TraceEvent): RecordData | undefined {
    // It stands in such a copy already.
    if (event.bytes !== event.page.bytes) return event;
    const pages = this.pages.find(({ cpu }) => cpu === event.cpu);
    if (pages === undefined) return undefined;
    const copy = copyOf(event, pages, this.copies.get(event.cpu));
    this.copies.set(event.cpu, copy);
    if (!copy.reach(event)) return undefined;
    const data = event.data - event.record;
    return { bytes: copy.bytes, data, dataSize: copy.bytes.length - data };
  }
}

/** A copy that can be had of a record: the one of records before it, or one that starts anew. */
export function copyOf(record: RecordPlace, pages: EventPages, before: RecordCopy | undefined): RecordCopy {
  return before === undefined || before.isBehind(record) ? new RecordCopy(pages.fork(), record) : before;
}

/** A record of a CPU's pages, by the page's place among them. */
interface RecordPlace {
  readonly page: { readonly position: number; readonly capacity: number; readonly bytes: Bytes };
  readonly record: number;
}

/**
 * One CPU's `iter->event` as it is when a record has been copied. rb_iter_head_event() copies each record of a CPU to the start of
 * one buffer, a page's data long, so behind a record stands what longer ones left before it (6.12 to 7.3). At first it is zeros,
 * where CONFIG_INIT_ON_ALLOC_DEFAULT_ON is set, as in Debian's kernels.
 */
export class RecordCopy {
  readonly bytes: Bytes;
  private position = -1;
  private cursor: RecordCursor | undefined;
  private source: Uint8Array = new Uint8Array(0);

  constructor(
    private readonly pages: EventPages,
    { page }: RecordPlace,
  ) {
    this.bytes = new Bytes(new Uint8Array(page.capacity), page.bytes.abi);
  }

  /** Records come in order. */
  isBehind({ page: { position }, record }: RecordPlace): boolean {
    return position < this.position || (position === this.position && record < this.cursor!.offset);
  }

  /** Copies on, up to a record; false where there is none. */
  reach({ page: { position }, record }: RecordPlace): boolean {
    while (this.position !== position || this.cursor!.offset !== record) if (!this.step()) return false;
    return true;
  }

  private step(): boolean {
    while (!this.cursor?.next()) {
      if (++this.position >= this.pages.count) return false;
      const { bytes, start, size, timeHi, timeLo } = this.pages.page(this.position);
      this.source = bytes.u8;
      this.cursor = new RecordCursor(bytes.view, bytes.abi.littleEndian, RB_EVNT_HDR_SIZE);
      this.cursor.open(start, start + size, timeHi, timeLo);
    }
    const { offset, length } = this.cursor;
    if (length <= this.bytes.length) this.bytes.u8.set(this.source.subarray(offset, offset + length));
    return true;
  }
}
