import type { Abi } from "../ground/abi.js";
import { subbufHeaderSize } from "../ground/abi.js";
import { InputError } from "../ground/errors.js";
import { type CpuMetaTable, type ScratchTable, WRITER_LAYOUTS, type WriterLayout } from "../ring/layouts.js";
import {
  BUFFER_DATA_PAGE,
  type FieldType,
  layoutOf,
  RING_BUFFER_CPU_META,
  RING_BUFFER_META,
  RING_BUFFER_META_V1,
  type StructTable,
  TRACE_MOD_ENTRY_SIZE,
  TRACE_SCRATCH_V1,
} from "../ring/structs.js";
import type { Btf } from "../system/btf.js";

/** The kernel's own types lay the persistent buffer out in a way that cannot be read. */
export class RingTypesError extends InputError {}

/**
 * How a kernel lays the persistent buffer out, by its own type information: the row of the table that says the same, or
 * one that no table has. Undefined where the types know nothing of it. Throws RingTypesError for what cannot be read.
 */
export function ringLayoutOf(btf: Btf): WriterLayout | undefined {
  const abi = abiOf(btf);
  if (btf.findOnce("ring_buffer_meta", "struct") === undefined) return undefined;
  pageFits(btf, abi);
  const global = btf.findOnce("ring_buffer_cpu_meta", "struct") !== undefined;
  const cpuMeta = tableOf(btf, abi, global ? RING_BUFFER_CPU_META : RING_BUFFER_META_V1);
  const bootMeta = global ? tableOf(btf, abi, RING_BUFFER_META) : undefined;
  const scratch = global ? tableOf(btf, abi, TRACE_SCRATCH_V1) : undefined;
  const known = WRITER_LAYOUTS.find(
    (row) => same(row.cpuMeta, cpuMeta, abi) && same(row.bootMeta, bootMeta, abi) && same(row.scratch, scratch, abi),
  );
  if (known !== undefined) return known;
  numbersFit(cpuMeta, abi);
  return {
    since: WRITER_LAYOUTS[0]!.since,
    evidence: "read",
    source: "the kernel's own BTF",
    change: "a layout that only its own kernel knows",
    generation: global ? "global" : "per-cpu",
    bootMeta: bootMeta as typeof RING_BUFFER_META | undefined,
    scratch: scratch as ScratchTable | undefined,
    cpuMeta: cpuMeta as CpuMetaTable,
    inject: "nr_invalid" in cpuMeta.fields,
  };
}

/** Word size and byte order of the machine that types are of. */
export function abiOf(btf: Btf): Abi {
  const long = btf.findOnce("long unsigned int", "int") ?? btf.findOnce("unsigned long", "int");
  return { littleEndian: btf.littleEndian, longSize: long?.size === 4 ? 4 : 8 };
}

/** Where two layouts differ, for people; undefined where they are one. */
export function ringDifference(told: WriterLayout, found: WriterLayout, abi: Abi): string | undefined {
  const tables = ["bootMeta", "scratch", "cpuMeta"] as const;
  for (const which of tables) {
    const [a, b] = [told[which], found[which]];
    if (same(a, b, abi)) continue;
    if (b === undefined) return `it has a struct ${a!.name}, and the image has none`;
    if (a === undefined) return `it has no struct ${b.name}, and the image has one`;
    return `struct ${a.name}: ${textOf(a, abi)}, not ${textOf(b, abi)}`;
  }
  return undefined;
}

function textOf(table: StructTable, abi: Abi): string {
  const { offsets, size } = layoutOf(table, abi);
  return `${size} bytes (${Object.entries(offsets)
    .map(([name, at]) => `${name} at ${at}`)
    .join(", ")})`;
}

function same(a: StructTable | undefined, b: StructTable | undefined, abi: Abi): boolean {
  if (a === undefined || b === undefined) return a === b;
  return textOf(a, abi) === textOf(b, abi);
}

/** Arrays inside of a meta stay small: all of it fits a page. */
const MAX_ELEMENTS = 64;

/**
 * A struct as the types have it, with the meanings that a known table has for its fields. The flexible array at its end
 * belongs to what follows.
 */
function tableOf(btf: Btf, abi: Abi, known: StructTable): StructTable {
  const type = btf.findOnce(known.name, "struct");
  if (type === undefined) throw new RingTypesError(`BTF: no struct ${known.name}`);
  const fields: Record<string, StructTable["fields"][string]> = {};
  const places: Record<string, number> = {};
  for (const { name, type: of, bitOffset, bitSize } of btf.members(type.id)) {
    const inner = btf.strip(of);
    const isArray = inner?.kind === "array";
    const count = isArray ? btf.elements(inner.id) : 1;
    if (isArray && count === 0) continue;
    const element = isArray ? btf.strip(inner.type) : inner;
    const width = element && btf.sizeOf(element.id, abi.longSize);
    if (name === "" || bitSize > 0 || count > MAX_ELEMENTS || (width !== 4 && width !== 8))
      throw new RingTypesError(`BTF: struct ${known.name}: ${name || "a nameless member"} is of no type that is read`);
    for (let i = 0; i < count; i++) {
      const field = isArray ? `${name}[${i}]` : name;
      fields[field] = known.fields[field] ?? {
        type: fieldType(width, element!, abi),
        about: "only its own kernel knows",
      };
      places[field] = bitOffset / 8 + i * width;
    }
  }
  const table: StructTable = { name: known.name, source: "the kernel's own BTF", fields };
  const { offsets } = layoutOf(table, abi);
  for (const field of [...Object.keys(known.fields), ...Object.keys(fields)])
    if (places[field] === undefined || places[field] !== (offsets as Record<string, number>)[field])
      throw new RingTypesError(
        `BTF: struct ${known.name}: ${places[field] === undefined ? `no ${field}` : `${field} at ${places[field]}`}: this kernel's buffer cannot be read`,
      );
  return table;
}

function fieldType(width: 4 | 8, { name, signed }: { name: string; signed: boolean }, { longSize }: Abi): FieldType {
  if (width === longSize && /\blong\b/.test(name) && !name.includes("long long")) return "long";
  return width === 8 ? "u64" : signed ? "int" : "u32";
}

/** The header of a sub-buffer: what every reader of records stands on. */
function pageFits(btf: Btf, abi: Abi): void {
  const page = btf.findOnce(BUFFER_DATA_PAGE.name, "struct");
  if (page === undefined) return;
  const { offsets } = layoutOf(BUFFER_DATA_PAGE, abi);
  const wanted: Readonly<Record<string, number>> = { ...offsets, data: subbufHeaderSize(abi) };
  for (const [name, at] of Object.entries(wanted)) {
    const bits = btf.member(page.id, name)?.bitOffset;
    if (bits !== at * 8)
      throw new RingTypesError(
        `BTF: struct ${BUFFER_DATA_PAGE.name}: ${bits === undefined ? `no ${name}` : `${name} at ${bits / 8}, not ${at}`}: this kernel's sub-buffers cannot be read`,
      );
  }
  const entry = btf.findOnce("trace_mod_entry", "struct");
  if (entry !== undefined && entry.size !== TRACE_MOD_ENTRY_SIZE)
    throw new RingTypesError(`BTF: struct trace_mod_entry has ${entry.size} bytes, not ${TRACE_MOD_ENTRY_SIZE}`);
}

/** Detection looks for both numbers at once. */
function numbersFit(cpuMeta: StructTable, abi: Abi): void {
  const offsets = layoutOf(cpuMeta, abi).offsets as Record<string, number>;
  if (offsets.nr_subbufs !== offsets.subbuf_size! + 4)
    throw new RingTypesError(`BTF: struct ${cpuMeta.name}: nr_subbufs does not follow subbuf_size`);
}
