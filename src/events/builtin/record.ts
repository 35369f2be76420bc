import type { RecordData } from "../../print/record.js";
import type { Timed } from "../clock.js";
import type { FixedField } from "./layout.js";

/** An event's bytes. */
export interface EventRecord extends Timed, RecordData {
  readonly cpu: number;
  /** That of its window. */
  readonly view: DataView;
  /** What the kernel takes for its size: see RingIter. */
  readonly entSize: number;
}

/** Shown in place of a field that does not fit into its record. */
export const SHORT_RECORD = "<short record>";

/** Reads the fields of a fixed event, never past its record. Numbers beyond 32 bits come in two halves. */
export class FixedReader {
  constructor(
    readonly littleEndian: boolean,
    readonly longSize: 4 | 8,
  ) {}

  u8(record: EventRecord, field: FixedField): number {
    return record.view.getUint8(record.data + field.offset);
  }

  u16(record: EventRecord, field: FixedField): number {
    return record.view.getUint16(record.data + field.offset, this.littleEndian);
  }

  u32(record: EventRecord, field: FixedField): number {
    return record.view.getUint32(record.data + field.offset, this.littleEndian);
  }

  s32(record: EventRecord, field: FixedField): number {
    return record.view.getInt32(record.data + field.offset, this.littleEndian);
  }

  /** Any whole number, by the field's width and sign. */
  value(record: EventRecord, field: FixedField, index = 0): bigint {
    const at = record.data + field.offset + index * field.size;
    const { view } = record;
    switch (field.size) {
      case 1:
        return BigInt(field.signed ? view.getInt8(at) : view.getUint8(at));
      case 2:
        return BigInt(field.signed ? view.getInt16(at, this.littleEndian) : view.getUint16(at, this.littleEndian));
      case 4:
        return BigInt(field.signed ? view.getInt32(at, this.littleEndian) : view.getUint32(at, this.littleEndian));
      default:
        return field.signed ? view.getBigInt64(at, this.littleEndian) : view.getBigUint64(at, this.littleEndian);
    }
  }

  /** The high half of an unsigned long at `at` in the view; 0 on a 32-bit writer. */
  longHi(view: DataView, at: number): number {
    if (this.longSize === 4) return 0;
    return view.getUint32(this.littleEndian ? at + 4 : at, this.littleEndian);
  }

  longLo(view: DataView, at: number): number {
    return view.getUint32(this.longSize === 4 || this.littleEndian ? at : at + 4, this.littleEndian);
  }

  /** The bytes from a text field up to a NUL or the record's end, one character a byte. */
  text(record: EventRecord, field: FixedField): string {
    const start = field.offset;
    const room = field.count ? Math.min(record.dataSize, start + field.count) : record.dataSize;
    return recordText(record, start, room);
  }
}

/** Bytes `start` to `end` of the record's data, up to a NUL, one character a byte. */
export function recordText(record: Pick<EventRecord, "view" | "data">, start: number, end: number): string {
  const { view, data } = record;
  let text = "";
  for (let at = start; at < end; at++) {
    const byte = view.getUint8(data + at);
    if (byte === 0) break;
    text += String.fromCharCode(byte);
  }
  return text;
}
