import { dynamicBase, dynamicLength, dynamicStart } from "../system/formats/dynamic-word.js";
import type { EventField, EventFormat } from "../system/formats/parse-format.js";
import { callOf } from "../system/syscalls/names.js";
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

/**
 * A record is its struct and no more: structs end at a multiple of their largest member, 8 at most, and
 * rb_calculate_event_length() (kernel/trace/ring_buffer.c, 6.12 to 7.3) adds nothing to that but 4 to the shortest.
 */
const PADDING = 8;
const SHORTEST = 12;

const ANY: Shape = { least: 0, most: Number.POSITIVE_INFINITY, checks: [] };

/** @param known whether ftrace's own layouts tell the type */
export function shapeOf(format: EventFormat | undefined, known: boolean, calls: CallNumbers): Shape | undefined {
  if (format === undefined) return known ? ANY : undefined;
  // ftrace's own have a layout that few builds change, and arrays without a length; but for the function graph's.
  if (format.system === "ftrace" && !GRAPH_EVENT.test(format.name)) return ANY;
  const { fields } = format;
  const least = fields.reduce((end, { offset, size }) => Math.max(end, offset + size), 0);
  const grows = fields.some(({ shape, size }) => shape === "data_loc" || shape === "rel_loc" || size === 0);
  return {
    least,
    most: grows
      ? Number.POSITIVE_INFINITY
      : Math.max(SHORTEST, Math.ceil(least / PADDING) * PADDING) + (hasTimes(format) ? TIMES_AGAIN : 0),
    checks: fields.flatMap(
      (field) => callCheck(format, field, calls) ?? depthCheck(format, field) ?? checkOf(field, least) ?? [],
    ),
  };
}

/**
 * 6.12's updates have the two times of a function's return twice: in struct ftrace_graph_ret, and again behind it
 * (kernel/trace/trace_entries.h), where nothing writes them. The format file counts them once; 6.12.107's BTF has a
 * struct ftrace_graph_ret_entry of 56 bytes.
 */
const TIMES_AGAIN = 16;

function hasTimes({ system, name, fields }: EventFormat): boolean {
  return system === "ftrace" && name === "funcgraph_exit" && fields.some((field) => field.name === "rettime");
}

const GRAPH_EVENT = /^f(unc)?graph_/;
/** Return addresses lie in a page at most (SHADOW_STACK_SIZE, kernel/trace/fgraph.c), a page in 64K. */
const MAX_DEPTH = 0xffff;

/**
 * The depth of a function graph's event: an int up to 6.18, with a hole behind it that holds anything, since 6.19 a long
 * (struct ftrace_graph_ent, include/linux/ftrace.h).
 */
function depthCheck(
  { system, name: event, fields }: EventFormat,
  { name, offset, size }: EventField,
): Check | undefined {
  if (system !== "ftrace" || !GRAPH_EVENT.test(event) || name !== "depth") return undefined;
  const isDepth = (depth: bigint): boolean => depth >= -1n && depth <= MAX_DEPTH;
  const beforeHole = fields.every((other) => other.offset !== offset + size);
  return {
    field: name,
    weak: false,
    holds: (view, data, dataSize, littleEndian) => {
      const long = offset + 8 <= dataSize ? view.getBigInt64(data + offset, littleEndian) : undefined;
      if (size === 8) return long === undefined || isDepth(long);
      const int = view.getInt32(data + offset, littleEndian);
      // The upper half of a big-endian long is 0 in every record: then what lies behind it is the depth.
      const half = beforeHole && !littleEndian && int === 0 && long !== undefined && long > 0n && isDepth(long);
      return isDepth(BigInt(int)) && !half;
    },
  };
}

/** A system call's own event holds the number of that call, and no other. */
function callCheck(format: EventFormat, { name, offset, size }: EventField, calls: CallNumbers): Check | undefined {
  const call = callOf(format);
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
      holds: (view, data, dataSize, littleEndian) => {
        const word = view.getUint32(data + offset, littleEndian);
        const at = dynamicBase(shape, offset) + dynamicStart(word);
        const length = dynamicLength(word);
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
