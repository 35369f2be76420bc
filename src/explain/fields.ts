import {
  RING_BUFFER_CPU_META,
  RING_BUFFER_CPU_META_INJECT,
  RING_BUFFER_META,
  RING_BUFFER_META_V1,
  type StructTable,
  TRACE_SCRATCH,
} from "../ring/structs.js";
import { TRACE_BUFFER_META } from "../ring/trace-buffer-meta.js";
import type { Entry } from "./entry.js";

/** The structs whose fields the output names, and where they are shown. */
const STRUCTS: readonly (readonly [StructTable, string])[] = [
  [RING_BUFFER_META, "`rbtool inspect` shows it"],
  [RING_BUFFER_CPU_META, "`rbtool inspect --json` has it by CPU"],
  [RING_BUFFER_CPU_META_INJECT, "`rbtool inspect --json` has it by CPU"],
  [RING_BUFFER_META_V1, "`rbtool inspect --json` has it by CPU"],
  [TRACE_SCRATCH, "`rbtool inspect` shows it"],
  [TRACE_BUFFER_META, "`rbtool mmap-layout` shows it"],
];

/** The fields of the kernel's structs, by their names there. */
export const FIELDS: Readonly<Record<string, Entry>> = fieldsOf();

function fieldsOf(): Record<string, Entry> {
  const entries: Record<string, Entry> = {};
  for (const [{ name, source, fields }, where] of STRUCTS)
    for (const [field, { about, type }] of Object.entries(fields))
      entries[field] ??= {
        means: `${about}.`,
        example: `struct ${name} { ... ${type} ${field}; ... } (${source})`,
        advice: `${where}.`,
      };
  return entries;
}
