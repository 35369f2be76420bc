import type { LastNames } from "../../events/last-names.js";
import { subbufHeaderSize } from "../../ground/abi.js";
import { RecordCursor, RecordKind } from "../../ring/records.js";
import type { Trace } from "../../trace.js";

const TYPES = 0x10000;

interface RecordPlace {
  view: DataView;
  data: number;
  dataSize: number;
}

/** What of a file's parts only a walk over all records tells: what tasks are called, and which types there are. */
export class Survey {
  readonly names: LastNames;
  /** By type: how many. */
  readonly counts = new Uint32Array(TYPES);
  /** By type: whether it tells names. */
  private readonly telling = new Uint8Array(TYPES);
  private readonly record: RecordPlace = { view: new DataView(new ArrayBuffer(0)), data: 0, dataSize: 0 };
  private cursor: RecordCursor | undefined;

  constructor(private readonly trace: Trace) {
    this.names = trace.lastNames();
    this.names.lessons.forEach((lessons, type) => {
      if (lessons !== undefined) this.telling[type] = 1;
    });
  }

  /** Over the events that are wanted; the others tell names too. */
  walk(): this {
    this.names.learnFrom(this.trace.everyEvent());
    const events = this.trace.events();
    for (let event = events.next(); event !== undefined; event = events.next())
      if (event.type >= 0) this.counts[event.type]!++;
    return this;
  }

  /** The next sub-buffers lie here. */
  lookInto(view: DataView): void {
    this.record.view = view;
    this.cursor = new RecordCursor(view, this.trace.littleEndian);
  }

  /** Over the records of a sub-buffer at `at`, all of them sound, up to `end`. */
  subbuf(at: number, end: number): void {
    const { counts, telling, names, record, cursor, trace } = this;
    const { littleEndian, origin } = trace;
    const { view } = record;
    const hi = view.getUint32(at + (littleEndian ? 4 : 0), littleEndian);
    const lo = view.getUint32(at + (littleEndian ? 0 : 4), littleEndian);
    if (cursor === undefined) return;
    cursor.open(at + subbufHeaderSize(trace.image.layout.abi), end, hi, lo);
    while (cursor.next()) {
      if (cursor.kind !== RecordKind.Data) continue;
      const type = view.getUint16(cursor.dataOffset, littleEndian);
      counts[type]!++;
      if (telling[type] !== 0) {
        record.data = cursor.dataOffset;
        record.dataSize = cursor.dataLength;
        names.learn(names.lessons[type]!, record, cursor.timeSince(origin.hi, origin.lo));
      }
      cursor.passUnmarked(telling, counts);
    }
  }
}
