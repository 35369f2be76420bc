import type { Abi } from "../ground/abi.js";
import { alignUp } from "../ground/abi.js";
import type { Bytes } from "../ground/bytes.js";

/** A C type of the writer. int is 4 bytes and signed; `long` is unsigned and as wide as the writer's word. */
export type FieldType = "int" | "u32" | "long" | "u64";

interface Field {
  readonly type: FieldType;
  /** What the field means, for annotated dumps. */
  readonly about: string;
}

/** One kernel struct. Field order is memory order; offsets follow from it and the Abi, never written by hand. */
export interface StructTable<F extends Record<string, Field> = Record<string, Field>> {
  /** The kernel's name. */
  readonly name: string;
  /** Where it is defined, and since which version it looks like this. */
  readonly source: string;
  readonly fields: F;
}

/** Where bytes lie in the image. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

type ValueOf<T extends FieldType> = T extends "long" | "u64" ? bigint : number;
type FieldsOf<T> = T extends StructTable<infer F> ? F : never;

/** The values of a struct: int and u32 as number, long and u64 as bigint. */
export type StructValues<T> = { readonly [K in keyof FieldsOf<T>]: ValueOf<FieldsOf<T>[K]["type"]> };

/** A struct read from the image: its values, and the bytes that each was read from. */
export interface StructRead<T> {
  readonly span: Span;
  readonly values: StructValues<T>;
  readonly spans: { readonly [K in keyof FieldsOf<T>]: Span };
}

function struct<const F extends Record<string, Field>>(name: string, source: string, fields: F): StructTable<F> {
  return { name, source, fields };
}

function widthOf(type: FieldType, abi: Abi): number {
  if (type === "u64") return 8;
  return type === "long" ? abi.longSize : 4;
}

/** Byte offset of each field and the size up to the end of the last one (where a flexible array begins). */
export function layoutOf<T extends StructTable>(
  table: T,
  abi: Abi,
): { offsets: Record<keyof FieldsOf<T>, number>; size: number } {
  const offsets: Record<string, number> = {};
  let at = 0;
  for (const [name, field] of Object.entries(table.fields)) {
    const width = widthOf(field.type, abi);
    at = alignUp(at, width);
    offsets[name] = at;
    at += width;
  }
  return { offsets: offsets as Record<keyof FieldsOf<T>, number>, size: at };
}

/** Reads a struct at `at` in the window. Throws DecodeError when it does not fit. */
export function readStruct<T extends StructTable>(table: T, bytes: Bytes, at: number): StructRead<T> {
  const { offsets, size } = layoutOf(table, bytes.abi);
  bytes.need(at, size);
  const values: Record<string, number | bigint> = {};
  const spans: Record<string, Span> = {};
  for (const [name, field] of Object.entries(table.fields)) {
    const place = at + (offsets as Record<string, number>)[name]!;
    spans[name] = { offset: bytes.offset + place, length: widthOf(field.type, bytes.abi) };
    values[name] = readField(field.type, bytes, place);
  }
  return { span: { offset: bytes.offset + at, length: size }, values, spans } as unknown as StructRead<T>;
}

/** Writes a struct to the start of `bytes`, each value cut to its field; what has no value is left as it is. */
export function writeStruct<T extends StructTable>(
  table: T,
  bytes: Uint8Array,
  abi: Abi,
  values: Readonly<Partial<Record<string, bigint>>>,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { offsets } = layoutOf(table, abi);
  for (const [name, { type }] of Object.entries(table.fields)) {
    const value = values[name];
    if (value === undefined) continue;
    const at = (offsets as Record<string, number>)[name]!;
    if (widthOf(type, abi) === 8) view.setBigUint64(at, BigInt.asUintN(64, value), abi.littleEndian);
    else view.setUint32(at, Number(BigInt.asUintN(32, value)), abi.littleEndian);
  }
}

function readField(type: FieldType, bytes: Bytes, at: number): number | bigint {
  switch (type) {
    case "int":
      return bytes.i32(at);
    case "u32":
      return bytes.u32(at);
    case "long":
      return bytes.long(at);
    case "u64":
      return bytes.u64(at);
  }
}

export const RING_BUFFER_META_MAGIC = 0x0badfeed;

/** Generation 1: one meta per CPU, no global header. `int buffers[nr_subbufs]` follows. */
export const RING_BUFFER_META_V1 = struct("ring_buffer_meta", "kernel/trace/ring_buffer.c, 6.12 to 6.14", {
  magic: { type: "int", about: "0x0BADFEED" },
  struct_size: { type: "int", about: "sizeof(struct ring_buffer_meta)" },
  text_addr: { type: "long", about: "address of a kernel function in the writing boot" },
  data_addr: { type: "long", about: "address of a kernel string in the writing boot" },
  first_buffer: { type: "long", about: "address of the first sub-buffer in the writing boot" },
  head_buffer: { type: "long", about: "address of the head page" },
  commit_buffer: { type: "long", about: "address of the commit page" },
  subbuf_size: { type: "u32", about: "bytes in a sub-buffer: PAGE_SIZE" },
  nr_subbufs: { type: "u32", about: "sub-buffers of this CPU, the reader page included" },
});

/** Generation 2: the global header at offset 0. The scratch area follows, up to buffers_offset. */
export const RING_BUFFER_META = struct("ring_buffer_meta", "kernel/trace/ring_buffer.c, since 6.15", {
  magic: { type: "int", about: "0x0BADFEED" },
  struct_sizes: { type: "int", about: "sizeof(ring_buffer_cpu_meta) | sizeof(ring_buffer_meta) << 16" },
  total_size: { type: "long", about: "bytes in the whole area" },
  buffers_offset: { type: "long", about: "where the first CPU's meta begins" },
});

/** Generation 2: one CPU's meta. `int buffers[nr_subbufs]` follows. */
export const RING_BUFFER_CPU_META = struct("ring_buffer_cpu_meta", "kernel/trace/ring_buffer.c, since 6.15", {
  first_buffer: { type: "long", about: "address of the first sub-buffer in the writing boot" },
  head_buffer: { type: "long", about: "address of the head page" },
  commit_buffer: { type: "long", about: "address of the commit page" },
  subbuf_size: { type: "u32", about: "bytes in a sub-buffer: PAGE_SIZE" },
  nr_subbufs: { type: "u32", about: "sub-buffers of this CPU, the reader page included" },
});

/** The same with CONFIG_RING_BUFFER_PERSISTENT_INJECT. `int buffers[nr_subbufs]` follows. */
export const RING_BUFFER_CPU_META_INJECT = struct(
  "ring_buffer_cpu_meta",
  "kernel/trace/ring_buffer.c, since 7.2 with CONFIG_RING_BUFFER_PERSISTENT_INJECT",
  {
    ...RING_BUFFER_CPU_META.fields,
    nr_invalid: { type: "u32", about: "pages made invalid on purpose, for the next boot's self test" },
    entry_bytes: { type: "u32", about: "bytes of valid entries, for the next boot's self test" },
  },
);

/** The scratch area (struct trace_scratch) of 6.15, which keeps no clock. nr_entries module entries follow. */
export const TRACE_SCRATCH_V1 = struct("trace_scratch", "kernel/trace/trace.c, 6.15", {
  text_addr: { type: "long", about: "address of _text in the writing boot" },
  nr_entries: { type: "long", about: "modules listed behind" },
});

/** The scratch area (struct trace_scratch). nr_entries module entries follow. */
export const TRACE_SCRATCH = struct("trace_scratch", "kernel/trace/trace.c, since 6.16", {
  clock_id: { type: "u32", about: "index into trace_clocks[]" },
  ...TRACE_SCRATCH_V1.fields,
});

/** sizeof(struct trace_entry), with which every event begins: type, flags, preempt_count, pid (include/linux/trace_events.h). */
export const TRACE_ENTRY_SIZE = 8;

/** struct trace_mod_entry: mod_addr, then a name that fills 64 bytes (MODULE_NAME_LEN = 64 - sizeof(unsigned long)). */
export const TRACE_MOD_ENTRY_SIZE = 64;

/** A sub-buffer's header (struct buffer_data_page). Its data begins at subbufHeaderSize(abi). */
export const BUFFER_DATA_PAGE = struct("buffer_data_page", "kernel/trace/ring_buffer.c, since 6.12", {
  time_stamp: { type: "u64", about: "time of the first event, in units of the trace clock" },
  commit: { type: "long", about: "bytes of committed data; bit 31 RB_MISSED_EVENTS, bit 30 RB_MISSED_STORED" },
});

/** commit bit 31: events were lost before this page. */
export const RB_MISSED_EVENTS = 0x8000_0000;
/** commit bit 30: the count of lost events is stored, as a long, right behind the data. */
export const RB_MISSED_STORED = 0x4000_0000;
