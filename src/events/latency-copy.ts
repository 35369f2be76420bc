import { Bytes } from "../ground/bytes.js";
import type { RecordData } from "../print/record.js";
import { TRACE_ENTRY_SIZE } from "../ring/structs.js";
import type { TraceEvent } from "./event.js";
import type { RecordCopies } from "./kernel-copy.js";
import type { EventStream } from "./stream.js";

/** As __tracing_open() makes it (6.12 to 7.3). */
const TEMP_SIZE = 128;
/** What kmalloc() has beside powers of two (mm/slab_common.c kmalloc_info). */
const ODD_SIZES = [96, 192];
/** KMALLOC_MAX_SIZE with pages of 4K (include/linux/slab.h); larger pages have more. */
const KMALLOC_MAX_SIZE = 1 << 22;

/** All of what kmalloc() gives for a size is zeros, also what nobody asked for. */
function kmallocSize(size: number): number {
  const power = 2 ** Math.ceil(Math.log2(size));
  return ODD_SIZES.find((odd) => odd >= size && odd < power) ?? power;
}

/**
 * `iter->temp` in the latency format: to say how long it is until the next event, trace_find_next_entry() (kernel/trace/trace.c,
 * 6.12 to 7.3) looks at that one, and so first copies the event that is being printed, of whatever CPU, to the start of one
 * buffer. Behind a record stands what longer ones left there before it. A larger record gets a new buffer; each begins as
 * zeros, where CONFIG_INIT_ON_ALLOC_DEFAULT_ON is set, as in Debian's kernels.
 */
export class LatencyCopies implements RecordCopies {
  private stream: EventStream | undefined;
  private at: TraceEvent | undefined;
  private bytes: Bytes | undefined;
  private tempSize = 0;

  /** @param events all of them, in the order in which they are printed */
  constructor(private readonly events: () => EventStream) {}

  /** The copy of an event's record; undefined where the event is none of those to come. */
  of(event: TraceEvent): RecordData | undefined {
    // It stands in a copy already.
    if (event.bytes !== event.page.bytes) return event;
    if (!this.reach(event)) return undefined;
    const bytes = this.bytes!;
    return { bytes, data: 0, dataSize: bytes.length };
  }

  /**
   * The type that is told of an event of a type without a trace_event: print_trace_fmt() reads it again where the event was, but
   * there is that CPU's next by then, if it has one.
   */
  typeBehind(event: TraceEvent): number | undefined {
    if (!this.reach(event)) return undefined;
    const next = this.stream!.ahead();
    if (next === undefined) return undefined;
    const { view, record, data, dataSize } = next;
    const at = record + event.data - event.record;
    return at + 2 <= data + dataSize ? view.getUint16(at, next.bytes.abi.littleEndian) : undefined;
  }

  private reach(event: TraceEvent): boolean {
    this.stream ??= this.events();
    // Events come in order.
    while (this.at === undefined || !isSame(this.at, event)) {
      this.at = this.stream.next();
      if (this.at === undefined) return false;
      this.copy(this.at);
    }
    return true;
  }

  private copy({ bytes, data, entSize }: TraceEvent): void {
    const size = Math.max(entSize, TRACE_ENTRY_SIZE);
    // A damaged record may take any length from the copy that it stands in; nothing is copied where there is no memory.
    if (size > KMALLOC_MAX_SIZE) return;
    if (this.bytes === undefined || this.tempSize < size) {
      this.tempSize = this.bytes === undefined ? Math.max(TEMP_SIZE, size) : size;
      this.bytes = new Bytes(new Uint8Array(kmallocSize(this.tempSize)), bytes.abi);
    }
    this.bytes.u8.set(bytes.u8.subarray(data, data + size));
  }
}

function isSame(a: TraceEvent, b: TraceEvent): boolean {
  return a.cpu === b.cpu && a.record === b.record && a.page.position === b.page.position;
}
