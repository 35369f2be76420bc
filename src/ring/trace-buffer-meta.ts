import type { Abi } from "../ground/abi.js";
import { layoutOf, type StructTable, writeStruct } from "./structs.js";

/** The user meta page's struct. Two words changed their names in 7.1; their places did not change. */
export const TRACE_BUFFER_META = {
  name: "trace_buffer_meta",
  source: "include/uapi/linux/trace_mmap.h, 6.10 to 7.3",
  fields: {
    meta_page_size: { type: "u32", about: "bytes before the first sub-buffer" },
    meta_struct_len: { type: "u32", about: "sizeof(struct trace_buffer_meta)" },
    subbuf_size: { type: "u32", about: "bytes of a sub-buffer, its header included" },
    nr_subbufs: { type: "u32", about: "sub-buffers, the reader page included" },
    "reader.lost_events": { type: "u64", about: "events lost at the time of the reader swap" },
    "reader.id": { type: "u32", about: "the reader page's user id" },
    "reader.read": { type: "u32", about: "bytes of the reader page that are consumed" },
    flags: { type: "u64", about: "0 in every kernel so far" },
    entries: { type: "u64", about: "events ever written, as this boot counts" },
    overrun: { type: "u64", about: "events overwritten before they were read" },
    read: { type: "u64", about: "events consumed" },
    pages_lost: { type: "u64", about: "sub-buffers overwritten (0 before 7.1: Reserved1)" },
    pages_touched: { type: "u64", about: "sub-buffers written (0 before 7.1: Reserved2)" },
  },
} as const satisfies StructTable;

export type MetaField = keyof typeof TRACE_BUFFER_META.fields;

/** The fields' values; all as bigint, for any of them can be a u64 of a damaged state. */
export type MetaValues = Readonly<Record<MetaField, bigint>>;

export const META_FIELDS = Object.keys(TRACE_BUFFER_META.fields) as readonly MetaField[];

/** The first version that fills a field; undefined for those that were always there. */
export const META_FIELD_SINCE: Readonly<Partial<Record<MetaField, string>>> = {
  pages_lost: "7.1",
  pages_touched: "7.1",
};

/** The struct as it lies in the meta page: alloc_page(GFP_USER | __GFP_ZERO) leaves the rest zero. */
export function encodeMetaPage(values: MetaValues, size: number, abi: Abi): Uint8Array {
  const bytes = new Uint8Array(size);
  writeStruct(TRACE_BUFFER_META, bytes, abi, values);
  return bytes;
}

/** Bytes of the struct: meta_struct_len. */
export function metaStructLength(abi: Abi): number {
  return layoutOf(TRACE_BUFFER_META, abi).size;
}
