import type { Abi } from "../ground/abi.js";
import { alignUp } from "../ground/abi.js";
import { type ChangeRow, covers, rangeText } from "../ground/changes.js";
import type { Release } from "../ground/release.js";
import {
  layoutOf,
  RING_BUFFER_CPU_META,
  RING_BUFFER_CPU_META_INJECT,
  RING_BUFFER_META,
  RING_BUFFER_META_V1,
  TRACE_MOD_ENTRY_SIZE,
  TRACE_SCRATCH,
  TRACE_SCRATCH_V1,
} from "./structs.js";

/** `per-cpu`: a meta with magic for each CPU; `global`: one header, scratch, then CPUs. */
export type Generation = "per-cpu" | "global";

/** The meta of one CPU, whichever generation: the fields that both have. */
export type CpuMetaTable =
  | typeof RING_BUFFER_META_V1
  | typeof RING_BUFFER_CPU_META
  | typeof RING_BUFFER_CPU_META_INJECT;

/** The struct trace_scratch of some kernel. */
export type ScratchTable = typeof TRACE_SCRATCH | typeof TRACE_SCRATCH_V1;

/** One way in which kernels lay the area out. */
export interface WriterLayout extends ChangeRow {
  readonly generation: Generation;
  /** The global header; there is none in front of a meta for each CPU. */
  readonly bootMeta: typeof RING_BUFFER_META | undefined;
  /** The scratch area behind the global header; there is none without it. */
  readonly scratch: ScratchTable | undefined;
  readonly cpuMeta: CpuMetaTable;
  /** Written with CONFIG_RING_BUFFER_PERSISTENT_INJECT. */
  readonly inject: boolean;
}

const HISTORY = "the history of the changes, between 6.12.38 and 6.17.8";

/** Every layout that a kernel writes; the likelier first, which detection takes where nothing decides. */
export const WRITER_LAYOUTS: readonly WriterLayout[] = [
  {
    since: "6.16.0",
    evidence: "observed",
    source: "images of 6.16.3 and 6.16.12; trace.c of 6.17.8",
    change: "the scratch area holds the trace clock",
    generation: "global",
    bootMeta: RING_BUFFER_META,
    scratch: TRACE_SCRATCH,
    cpuMeta: RING_BUFFER_CPU_META,
    inject: false,
  },
  {
    since: "6.15.0",
    until: "6.16.0",
    evidence: "placed",
    source: HISTORY,
    change: "global header and scratch area; the CPU metas lose magic and addresses",
    generation: "global",
    bootMeta: RING_BUFFER_META,
    scratch: TRACE_SCRATCH_V1,
    cpuMeta: RING_BUFFER_CPU_META,
    inject: false,
  },
  {
    since: "7.2.0",
    evidence: "read",
    source: "kernel/trace/ring_buffer.c of 7.2.6",
    change: "with CONFIG_RING_BUFFER_PERSISTENT_INJECT, two fields more in each CPU's meta",
    generation: "global",
    bootMeta: RING_BUFFER_META,
    scratch: TRACE_SCRATCH,
    cpuMeta: RING_BUFFER_CPU_META_INJECT,
    inject: true,
  },
  {
    since: "6.12.0",
    until: "6.15.0",
    evidence: "read",
    source: "kernel/trace/ring_buffer.c of 6.12.8",
    change: "a meta with magic for each CPU",
    generation: "per-cpu",
    bootMeta: undefined,
    scratch: undefined,
    cpuMeta: RING_BUFFER_META_V1,
    inject: false,
  },
];

/** The kernels that write a layout, for people: `6.12 to 6.14`, `6.15`, `6.16 and later`. */
export function layoutKernels(layout: WriterLayout): string {
  return layout.inject ? `${rangeText(layout)}, with CONFIG_RING_BUFFER_PERSISTENT_INJECT` : rangeText(layout);
}

/** The layout that a release writes; with CONFIG_RING_BUFFER_PERSISTENT_INJECT, where it has that. */
export function layoutWrittenBy(release: Release, inject = false): WriterLayout {
  const written = WRITER_LAYOUTS.filter((layout) => covers(layout, release));
  return written.find((layout) => layout.inject === inject) ?? written[0]!;
}

/** Whether kernels of a release write areas like this one: the boot meta, and what the scratch holds. */
export function isWrittenBy({ generation, scratch }: WriterLayout, release: Release): boolean {
  return WRITER_LAYOUTS.some(
    (layout) => layout.generation === generation && layout.scratch === scratch && covers(layout, release),
  );
}

/** sizeof(cpu meta) | sizeof(global meta) << 16, as the global header stores it; the CPU meta's alone without one. */
export function structSizes(layout: WriterLayout, abi: Abi): number {
  return layoutOf(layout.cpuMeta, abi).size | (bootMetaSize(layout, abi) << 16);
}

/** Bytes of the global header: 0 where there is none. */
export function bootMetaSize({ bootMeta }: WriterLayout, abi: Abi): number {
  return bootMeta ? layoutOf(bootMeta, abi).size : 0;
}

/** Module entries that allocate_trace_buffer() (trace.c) asks for room for: MODULES. */
const SCRATCH_MODULES = 128;

/** Bytes of the scratch area: struct_size(tscratch, entries, 128), aligned to a long. */
export function scratchSize({ scratch }: WriterLayout, abi: Abi): number {
  if (scratch === undefined) return 0;
  return alignUp(layoutOf(scratch, abi).size + SCRATCH_MODULES * TRACE_MOD_ENTRY_SIZE, abi.longSize);
}

/** Where the kernel puts the first CPU's meta. */
export function usualBuffersOffset(layout: WriterLayout, abi: Abi): number {
  return bootMetaSize(layout, abi) + scratchSize(layout, abi);
}
