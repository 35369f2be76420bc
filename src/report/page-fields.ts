import { type FieldValue, isTexts } from "../events/field-access.js";
import { type FieldPlan, fieldPlans } from "../events/fields.js";
import type { Abi } from "../ground/abi.js";
import type { Bytes } from "../ground/bytes.js";
import { hex } from "../ground/hex.js";
import { decodeLatin1 } from "../ground/latin1.js";
import type { Part } from "../reading/anatomy.js";
import type { Span } from "../ring/structs.js";
import type { EventFormat } from "../system/formats/parse-format.js";

/** A field of a record: its bytes, its name and what they say. */
export interface PageField extends Span {
  readonly name: string;
  readonly value: string;
}

/** The event that a record holds, by its formats. */
export type FormatOf = (type: number) => EventFormat | undefined;

/** The fields of a record, in the order of their bytes; none overlaps another, and holes between them stay. */
export function fieldsOf(part: Part, page: Bytes, formatOf: FormatOf): PageField[] {
  if (part.timeDelta === undefined) return [];
  const { abi } = page;
  const at = part.offset - page.offset;
  const fields: PageField[] = [recordWord(page.u32(at), part, abi)];
  const payload = part.payload?.offset ?? part.offset + part.length;
  const hasWord = part.length >= 8 && (part.kind !== "data" || payload > part.offset + 4);
  if (hasWord) fields.push({ name: "array[0]", offset: part.offset + 4, length: 4, value: String(page.u32(at + 4)) });
  if (part.payload === undefined || part.event === undefined) return fields;
  fields.push(...entryFields(part.payload.offset, part.event));
  const format = formatOf(part.event.type);
  if (format === undefined) return fields;
  return [...fields, ...eventFields(format, part.payload, page)];
}

/** struct ring_buffer_event's first word: five bits and 27, from the byte order's end (include/linux/ring_buffer.h). */
function recordWord(word: number, part: Part, { littleEndian }: Abi): PageField {
  const type = littleEndian ? word & 0x1f : word >>> 27;
  const delta = littleEndian ? word >>> 5 : word & 0x7ffffff;
  return { name: "type_len:5 time_delta:27", offset: part.offset, length: 4, value: `${type}, ${delta}` };
}

/** struct trace_entry (include/linux/trace_events.h). */
function entryFields(offset: number, { type, flags, preemptCount, pid }: NonNullable<Part["event"]>): PageField[] {
  return [
    { name: "common_type", offset, length: 2, value: String(type) },
    { name: "common_flags", offset: offset + 2, length: 1, value: hex(flags) },
    { name: "common_preempt_count", offset: offset + 3, length: 1, value: String(preemptCount) },
    { name: "common_pid", offset: offset + 4, length: 4, value: String(pid) },
  ];
}

function eventFields(format: EventFormat, payload: Span, page: Bytes): PageField[] {
  const record = { view: page.view, data: payload.offset - page.offset, dataSize: payload.length };
  const fields: PageField[] = [];
  let end = 8;
  for (const plan of [...fieldPlans(format, page.abi.littleEndian)].sort((a, b) => a.offset - b.offset)) {
    const { offset, name } = plan;
    // An array without a length, as ftrace's own have it, is the rest of the record.
    const size = plan.size === 0 ? payload.length - offset : plan.size;
    // Parts of a union, and fields that the record is too short for, have no bytes of their own.
    if (size <= 0 || offset < end || offset + size > payload.length) continue;
    end = offset + size;
    fields.push({ name, offset: payload.offset + offset, length: size, value: valueText(plan, record) });
  }
  return fields;
}

function valueText({ get, kind, size }: FieldPlan, record: Parameters<FieldPlan["get"]>[0]): string {
  const value: FieldValue = get(record);
  if (typeof value === "string") return kind === "text" ? JSON.stringify(decodeLatin1(value)) : value;
  if (typeof value === "number" || typeof value === "bigint") {
    if (kind === "pointer") return hex(BigInt.asUintN(size * 8, BigInt(value)));
    return String(value);
  }
  if (isTexts(value)) return `[${value.map((text) => JSON.stringify(decodeLatin1(text))).join(", ")}]`;
  return value === undefined ? "?" : `[${value.join(", ")}]`;
}
