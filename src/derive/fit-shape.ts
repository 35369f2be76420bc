import type { EventField, EventFormat } from "../system/formats/parse-format.js";
import type { CallNumbers } from "./call-numbers.js";

/** What records of a type must be like. */
export interface Shape {
  readonly least: number;
  readonly most: number;
  readonly checks: readonly Check[];
}

interface Check {
  readonly field: string;
  readonly weak: boolean;
  holds(view: DataView, data: number, dataSize: number, littleEndian: boolean): boolean;
}

/** Structs end at a multiple of their largest member, and records at a multiple of 4. */
const PADDING = 8;

/** @param known whether ftrace's own layouts tell the type */
export function shapeOf(format: EventFormat | undefined, known: boolean, calls: CallNumbers): Shape | undefined {
  // ftrace's own have a layout that no build changes, and arrays without a length.
  if (format === undefined || format.system === "ftrace")
    return known || format ? { least: 0, most: Number.POSITIVE_INFINITY, checks: [] } : undefined;
  const { fields } = format;
  const least = fields.reduce((end, { offset, size }) => Math.max(end, offset + size), 0);
  const grows = fields.some(({ shape, size }) => shape === "data_loc" || shape === "rel_loc" || size === 0);
  return {
    least,
    most: grows ? Number.POSITIVE_INFINITY : (Math.ceil(least / PADDING) + 1) * PADDING,
    checks: fields.flatMap((field) => callCheck(format, field, calls) ?? checkOf(field, least) ?? []),
  };
}

/** A system call's own event holds the number of that call, and no other. */
function callCheck(format: EventFormat, { name, offset, size }: EventField, calls: CallNumbers): Check | undefined {
  const call = calls.callOf(format);
  if (call === undefined || name !== "__syscall_nr" || size !== 4) return undefined;
  return {
    field: name,
    weak: false,
    holds: (view, data, _dataSize, littleEndian) => calls.agrees(call, view.getInt32(data + offset, littleEndian)),
  };
}

function checkOf(field: EventField, least: number): Check | undefined {
  const { name, offset, shape, size } = field;
  if (shape === "data_loc" || shape === "rel_loc")
    return {
      field: name,
      weak: false,
      // Length above, offset below; that of __rel_loc counts from the field's own end.
      holds: (view, data, dataSize, littleEndian) => {
        const word = view.getUint32(data + offset, littleEndian);
        const at = (word & 0xffff) + (shape === "rel_loc" ? offset + size : 0);
        const length = word >>> 16;
        return word === 0 || (length === 0 ? at <= dataSize : at >= offset + size && at + length <= dataSize);
      },
    };
  if (field.type === "bool" && size === 1)
    return { field: name, weak: true, holds: (view, data) => view.getUint8(data + offset) < 2 };
  if (field.isString && shape === "array" && size > 1 && offset + size <= least && /^(const )?char\[/.test(field.type))
    return {
      field: name,
      weak: false,
      // A task may call itself anything, but hardly begins with a control character, as small numbers do.
      holds: (view, data) => {
        const first = view.getUint8(data + offset);
        return first === 0 || first >= 0x20;
      },
    };
  return undefined;
}
