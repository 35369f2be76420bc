import type { Bytes } from "../../ground/bytes.js";
import { dynamicBase, dynamicLength, dynamicStart } from "../formats/dynamic-word.js";
import type { KernelEvent } from "./event.js";

/** What the image says of records of one event: their number, and data sizes with how often each occurs. */
export type RecordSizes = ReadonlyMap<number, ReadonlyMap<number, number>>;

/** A record's data, from common_type on. */
export interface SampledRecord {
  readonly id: number;
  readonly data: Bytes;
}

/** The largest alignment that a struct's end is padded to. */
const MAX_PADDING = 8;
/** struct trace_entry. */
const MIN_EVENT = 8;

const LOCATED = /^__(data|rel)_loc/;

function fixedEnd({ fields }: KernelEvent): number {
  return fields.reduce((last, field) => Math.max(last, field.offset + field.size), MIN_EVENT);
}

/** Whether a record's data (without its common fields' type, with all fields) can be this event's. */
export function sizeFits(event: KernelEvent, size: number): boolean {
  const end = fixedEnd(event);
  const dynamic = event.fields.some(
    ({ type }) => LOCATED.test(type) || (type.includes("[]") && !type.includes("_loc")),
  );
  return size >= end && (dynamic || size < end + MAX_PADDING);
}

/** Whether what is located elsewhere in a record (__data_loc, __rel_loc) lies behind its fields, and inside. */
export function recordFits(event: KernelEvent, data: Bytes): boolean {
  const end = fixedEnd(event);
  return event.fields.every(({ type, offset, size }) => {
    const kind = LOCATED.exec(type)?.[1];
    if (kind === undefined || size !== 4 || offset + 4 > data.length) return true;
    const value = data.u32(offset);
    const length = dynamicLength(value);
    const at = dynamicBase(kind === "rel" ? "rel_loc" : "data_loc", offset) + dynamicStart(value);
    return length === 0 || (at >= end && at + length <= data.length);
  });
}

/** The text of a `__data_loc char[]` field, one character a byte; undefined where it does not lie in the record. */
export function locatedText({ fields }: KernelEvent, data: Bytes, name: string): string | undefined {
  const field = fields.find((one) => one.name === name);
  if (field === undefined || !field.type.startsWith("__data_loc") || field.offset + 4 > data.length) return undefined;
  const value = data.u32(field.offset);
  const at = dynamicStart(value);
  const bytes = data.u8.subarray(at, Math.min(at + dynamicLength(value), data.length));
  const end = bytes.indexOf(0);
  return String.fromCharCode(...(end < 0 ? bytes : bytes.subarray(0, end)));
}
