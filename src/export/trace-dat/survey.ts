import type { RecordBytes } from "../../events/field-access.js";
import type { LastNames } from "../../events/last-names.js";
import type { WriterDoubts } from "../../events/writer-doubts.js";
import { subbufHeaderSize } from "../../ground/abi.js";
import { ANY_SIZE, PassedByType, RecordCursor, RecordKind } from "../../ring/records.js";
import type { Trace } from "../../trace/trace.js";

type RecordPlace = { -readonly [key in keyof RecordBytes]: RecordBytes[key] };

/** What of a file only a walk over all records tells: what tasks are called, which types there are, what is in doubt. */
export class Survey {
  readonly names: LastNames;
  /** Values in memory whose place is inferred. */
  inferred = 0;
  /** All but records of types that tell names, or may hold such values. */
  private readonly passed = new PassedByType();
  /** By type: how many, those that are passed over and the others. */
  readonly counts = this.passed.counts;
  private readonly record: RecordPlace = { view: new DataView(new ArrayBuffer(0)), data: 0, dataSize: 0 };
  private cursor: RecordCursor | undefined;

  constructor(private readonly trace: Trace) {
    this.names = trace.lastNames();
    const { most } = this.passed;
    if (!trace.uncertain?.ofAnyValue) most.fill(ANY_SIZE);
    for (const type of this.names.lessons.types()) most[type] = 0;
  }

  /** Over the events that are wanted; the others tell names too. */
  walk(): this {
    const { names, trace } = this;
    const { uncertain } = trace;
    names.learnFrom(trace.everyEvent());
    const events = trace.events();
    for (let event = events.next(); event !== undefined; event = events.next()) {
      const { type } = event;
      if (type < 0) continue;
      this.counts[type]!++;
      if (uncertain !== undefined) this.doubt(uncertain, event, type);
    }
    return this;
  }

  /** The next sub-buffers lie here. */
  lookInto(view: DataView): void {
    this.record.view = view;
    this.cursor = new RecordCursor(view, this.trace.littleEndian);
  }

  /** Over the records of a sub-buffer at `at`, all of them sound, up to `end`. */
  subbuf(at: number, end: number): void {
    const { counts, passed, names, record, cursor, trace } = this;
    const { littleEndian, origin, uncertain } = trace;
    const { view } = record;
    const hi = view.getUint32(at + (littleEndian ? 4 : 0), littleEndian);
    const lo = view.getUint32(at + (littleEndian ? 0 : 4), littleEndian);
    if (cursor === undefined) return;
    cursor.open(at + subbufHeaderSize(trace.image.layout.abi), end, hi, lo);
    while (cursor.next()) {
      if (cursor.kind !== RecordKind.Data) continue;
      const type = view.getUint16(cursor.dataOffset, littleEndian);
      counts[type]!++;
      if (passed.most[type] === 0) {
        record.data = cursor.dataOffset;
        record.dataSize = cursor.dataLength;
        const lessons = names.lessons.of(type);
        if (lessons !== undefined) names.learn(lessons, record, cursor.timeSince(origin.hi, origin.lo));
        if (uncertain !== undefined) this.doubt(uncertain, record, type);
      }
      cursor.passSized(passed);
    }
  }

  private doubt(uncertain: WriterDoubts, record: RecordBytes, type: number): void {
    this.inferred += uncertain.ofValues(record, type)?.length ?? 0;
  }
}
