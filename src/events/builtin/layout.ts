import type { Abi } from "../../ground/abi.js";
import { alignUp } from "../../ground/abi.js";
import { TRACE_ENTRY_SIZE } from "../../ring/structs.js";
import type { BuiltinName } from "./types.js";

/** A field of a fixed event: where, how wide, signed or not. */
export interface FixedField {
  readonly offset: number;
  readonly size: number;
  readonly signed: boolean;
  /** Elements, of `size` bytes each; 0 runs to the record's end. Absent for a plain field. */
  readonly count?: number;
  readonly text?: boolean;
}

export type FixedLayout = ReadonlyMap<string, FixedField>;

type Type = "u8" | "char" | "u16" | "u32" | "s32" | "u64" | "s64" | "ulong" | "long" | "ptr" | "resource";

interface Row {
  readonly name: string;
  readonly type: Type;
  readonly count?: number;
  /** Not aligned: the struct is packed. */
  readonly packed?: boolean;
  /** A struct begins here, whose alignment is that of its widest member. */
  readonly align?: Type;
}

const row = (type: Type, name: string, more: Omit<Row, "name" | "type"> = {}): Row => ({ type, name, ...more });
const packed = { packed: true } as const;

const CONTEXT: readonly Row[] = [
  row("u32", "prev_pid"),
  row("u32", "next_pid"),
  row("u32", "next_cpu"),
  row("u8", "prev_prio"),
  row("u8", "prev_state"),
  row("u8", "next_prio"),
  row("u8", "next_state"),
];

/** kernel/trace/trace_entries.h. */
const TABLES: Readonly<
  Record<Exclude<BuiltinName, "funcgraph_entry" | "fgraph_retaddr_entry" | "blk">, readonly Row[]>
> = {
  function: [row("ulong", "ip"), row("ulong", "parent_ip"), row("ulong", "args", { count: 0 })],
  context_switch: CONTEXT,
  wakeup: CONTEXT,
  kernel_stack: [row("s32", "size"), row("ulong", "caller", { count: 0 })],
  user_stack: [row("u32", "tgid"), row("ulong", "caller", { count: 8 })],
  print: [row("ulong", "ip"), row("char", "buf", { count: 0 })],
  bprint: [row("ulong", "ip"), row("ptr", "fmt"), row("u32", "buf", { count: 0 })],
  bputs: [row("ulong", "ip"), row("ptr", "str")],
  raw_data: [row("u32", "id"), row("u8", "buf", { count: 0 })],
  mmiotrace_rw: [
    row("resource", "phys"),
    row("ulong", "value"),
    row("ulong", "pc"),
    row("s32", "map_id"),
    row("u8", "opcode"),
    row("u8", "width"),
  ],
  mmiotrace_map: [
    row("resource", "phys"),
    row("ulong", "virt"),
    row("ulong", "len"),
    row("s32", "map_id"),
    row("u8", "opcode"),
  ],
  branch: [
    row("u32", "line"),
    row("char", "func", { count: 31 }),
    row("char", "file", { count: 21 }),
    row("u8", "correct"),
    row("u8", "constant"),
  ],
  hwlat: [
    row("u64", "duration"),
    row("u64", "outer_duration"),
    row("u64", "nmi_total_ts"),
    row("s64", "tv_sec"),
    row("long", "tv_nsec"),
    row("u32", "nmi_count", { align: "u64" }),
    row("u32", "seqnum"),
    row("u32", "count"),
  ],
  func_repeats: [
    row("ulong", "ip"),
    row("ulong", "parent_ip"),
    row("u16", "count"),
    row("u16", "top_delta_ts"),
    row("u32", "bottom_delta_ts"),
  ],
  osnoise: [
    row("u64", "noise"),
    row("u64", "runtime"),
    row("u64", "max_sample"),
    row("u32", "hw_count"),
    row("u32", "nmi_count"),
    row("u32", "irq_count"),
    row("u32", "softirq_count"),
    row("u32", "thread_count"),
  ],
  timerlat: [row("u32", "seqnum"), row("s32", "context"), row("u64", "timer_latency")],
  funcgraph_exit: [
    row("ulong", "func", packed),
    row("u32", "depth", packed),
    row("u32", "overrun", packed),
    row("u64", "calltime", packed),
    row("u64", "rettime", packed),
  ],
};

/** With CONFIG_FUNCTION_GRAPH_RETVAL. */
const EXIT_RETVAL: readonly Row[] = [
  row("ulong", "func", packed),
  row("ulong", "retval", packed),
  ...TABLES.funcgraph_exit.slice(1),
];

/** The writer's ABI, and what else decides how fixed events lie. */
export interface FixedAbi extends Abi {
  /** depth of a graph entry is a long (since 6.19). */
  readonly graphDepthLong: boolean;
  /** funcgraph_exit has a retval. */
  readonly graphRetval: boolean;
}

/** Where the fields of a fixed event lie, reckoned as the compiler does. */
export function fixedLayout(name: BuiltinName, abi: FixedAbi): FixedLayout {
  const fields = new Map<string, FixedField>();
  let at = TRACE_ENTRY_SIZE;
  for (const { name: field, type, count, packed: isPacked, align } of rowsOf(name, abi)) {
    const size = sizeOf(type, abi);
    if (align !== undefined) at = alignUp(at, alignOf(align, abi));
    if (!isPacked) at = alignUp(at, alignOf(type, abi));
    fields.set(field, {
      offset: at,
      size,
      signed: type === "s32" || type === "s64" || type === "long",
      ...(count === undefined ? {} : { count }),
      ...(type === "char" ? { text: true } : {}),
    });
    at += size * (count ?? 1);
  }
  return fields;
}

/** Bytes of a record that has all fields, arrays that run to its end without elements. */
export function endOf(layout: FixedLayout): number {
  let end = 0;
  for (const field of layout.values()) end = Math.max(end, field.offset + field.size * (field.count ?? 1));
  return end;
}

function rowsOf(name: BuiltinName, abi: FixedAbi): readonly Row[] {
  const depth: Type = abi.graphDepthLong ? "ulong" : "s32";
  switch (name) {
    case "funcgraph_entry":
      return [row("ulong", "func", packed), row(depth, "depth", packed), row("ulong", "args", { count: 0 })];
    case "fgraph_retaddr_entry":
      return [
        row("ulong", "func", packed),
        row(depth, "depth", packed),
        row("ulong", "retaddr", packed),
        row("ulong", "args", { count: 0 }),
      ];
    case "funcgraph_exit":
      return abi.graphRetval ? EXIT_RETVAL : TABLES.funcgraph_exit;
    case "blk":
      return [];
    default:
      return TABLES[name];
  }
}

function sizeOf(type: Type, abi: Abi): number {
  switch (type) {
    case "u8":
    case "char":
      return 1;
    case "u16":
      return 2;
    case "u32":
    case "s32":
      return 4;
    case "u64":
    case "s64":
      return 8;
    case "resource":
      // CONFIG_PHYS_ADDR_T_64BIT: all but small 32-bit machines.
      return 8;
    case "ulong":
    case "long":
    case "ptr":
      return abi.longSize;
  }
}

/** Every type is aligned to its size; i386 would align 64-bit values to 4: there, only a format file tells. */
function alignOf(type: Type, abi: Abi): number {
  return sizeOf(type, abi);
}
