import { dynamicBase, dynamicLength, dynamicStart } from "../system/formats/dynamic-word.js";
import { type EventField, isStrings } from "../system/formats/parse-format.js";
import type { EventRecord } from "./builtin/record.js";
import { recordText } from "./builtin/record.js";

/** A field's value: numbers up to 32 bits as number, wider ones as bigint, text one character a byte. */
export type FieldValue = number | bigint | string | readonly (number | bigint)[] | readonly string[] | undefined;

/** Whether a value is that of several strings. */
export function isTexts(value: FieldValue): value is readonly string[] {
  return Array.isArray(value) && typeof value[0] === "string";
}

/** As much of a record as its fields are read from. */
export type RecordBytes = Pick<EventRecord, "view" | "data" | "dataSize">;

export type FieldGetter = (record: RecordBytes) => FieldValue;

/** Elements of an array that are read; the rest of a hostile count is not. */
const MAX_ARRAY = 4096;

/** Reads a field of a record; undefined where it does not lie in the record. */
export function fieldGetter(field: EventField, littleEndian: boolean): FieldGetter {
  const { offset, size } = field;
  const end = offset + size;
  const elements = elementsReader(field, littleEndian);
  switch (field.shape) {
    case "int":
    case "pointer": {
      const read = numberReader(size, field.shape === "int" && field.signed, littleEndian);
      return (record) => (end <= record.dataSize ? read(record.view, record.data + offset) : undefined);
    }
    case "array":
      if (field.isString)
        return (record) =>
          offset < record.dataSize
            ? recordText(record, offset, Math.min(size === 0 ? record.dataSize : end, record.dataSize))
            : undefined;
      return (record) => elements(record, offset, size === 0 ? record.dataSize : end);
    case "data_loc":
    case "rel_loc":
      if (isStrings(field)) return stringsReader(field, littleEndian);
      return (record) => {
        const place = dynamicPlace(record, field, littleEndian);
        if (place === undefined) return undefined;
        if (field.isString) return recordText(record, place.start, place.end);
        return elements(record, place.start, place.end);
      };
    case "opaque":
      return (record) => (end <= record.dataSize ? hexBytes(record, offset, end) : undefined);
  }
}

/** Where the data of a __data_loc or __rel_loc field, or of one of its strings, lies; undefined when not in the record. */
export function dynamicPlace(
  record: RecordBytes,
  field: EventField,
  littleEndian: boolean,
  index = 0,
): { start: number; end: number } | undefined {
  const at = field.offset + 4 * index;
  if (at + 4 > record.dataSize) return undefined;
  const word = record.view.getUint32(record.data + at, littleEndian);
  const start = dynamicBase(field.shape, at) + dynamicStart(word);
  const end = start + dynamicLength(word);
  return end <= record.dataSize ? { start, end } : undefined;
}

/** Reads an array of strings; undefined where one of them does not lie in the record. */
function stringsReader(field: EventField, littleEndian: boolean): FieldGetter {
  return (record) => {
    const strings: string[] = [];
    for (let i = 0; i < field.count; i++) {
      const place = dynamicPlace(record, field, littleEndian, i);
      if (place === undefined) return undefined;
      strings.push(recordText(record, place.start, place.end));
    }
    return strings;
  };
}

/** Reads an array's elements between two places of a record. */
function elementsReader(
  { elementSize: each, element }: EventField,
  littleEndian: boolean,
): (record: RecordBytes, start: number, end: number) => FieldValue {
  const isNumber = each === 1 || each === 2 || each === 4 || each === 8;
  const read = isNumber ? numberReader(each, element.kind === "int" && element.signed, littleEndian) : undefined;
  return (record, start, end) => {
    if (end > record.dataSize) return undefined;
    if (read === undefined) return hexBytes(record, start, end);
    const values: (number | bigint)[] = [];
    for (let at = start; at + each <= end && values.length < MAX_ARRAY; at += each)
      values.push(read(record.view, record.data + at));
    return values;
  };
}

function hexBytes(record: RecordBytes, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at++)
    text += record.view
      .getUint8(record.data + at)
      .toString(16)
      .padStart(2, "0");
  return text;
}

type Reader<T> = (view: DataView, at: number) => T;

export function numberReader(size: number, signed: boolean, le: boolean): Reader<number | bigint> {
  return (
    narrowReader(size, signed, le) ??
    (signed ? (view, at) => view.getBigInt64(at, le) : (view, at) => view.getBigUint64(at, le))
  );
}

/** Reads numbers up to 32 bits; undefined for wider ones. */
function narrowReader(size: number, signed: boolean, le: boolean): Reader<number> | undefined {
  switch (size) {
    case 1:
      return signed ? (view, at) => view.getInt8(at) : (view, at) => view.getUint8(at);
    case 2:
      return signed ? (view, at) => view.getInt16(at, le) : (view, at) => view.getUint16(at, le);
    case 4:
      return signed ? (view, at) => view.getInt32(at, le) : (view, at) => view.getUint32(at, le);
    default:
      return undefined;
  }
}

const TWO_32 = 2 ** 32;

/**
 * Reads without allocation. Of what is wider than 2^53 and unsigned (addresses), the low 53 bits: enough to tell one
 * kernel address from another. NaN for what is no number of 1, 2, 4 or 8 bytes.
 */
export function plainNumberReader(size: number, signed: boolean, le: boolean): Reader<number> {
  if (size !== 8) return narrowReader(size, signed, le) ?? (() => Number.NaN);
  return (view, at) => {
    const hi = view.getUint32(le ? at + 4 : at, le);
    const lo = view.getUint32(le ? at : at + 4, le);
    return (signed ? hi | 0 : hi & 0x1fffff) * TWO_32 + lo;
  };
}
