import type { Abi } from "../../ground/abi.js";
import type { Geometry } from "../../ring/geometry.js";
import { WRITER_LAYOUTS, type WriterLayout } from "../../ring/layouts.js";
import { layoutOf, type RING_BUFFER_CPU_META, type StructTable } from "../../ring/structs.js";

/** A writer's layout on one kind of machine. */
export interface LayoutKind extends WriterLayout {
  readonly abi: Abi;
  /** Where subbuf_size and, behind it, nr_subbufs lie in a CPU's meta. */
  readonly numbersOffset: number;
}

/** A layout found in an image. */
export interface Layout extends LayoutKind {
  readonly geometry: Geometry;
  readonly nrCpus: number;
  /** Bytes of the area: total_size, or the size of the input where that is unusable (or not stored). */
  readonly totalSize: number;
  /** How sure: see judge(). */
  readonly score: number;
  /** Every CPU's meta agrees with it, and the kernel would have divided an area of this size so: no other explains more. */
  readonly agreed: boolean;
  /** So it is but for one CPU's meta, with a sound header: nothing else is searched for. */
  readonly settled: boolean;
  /** No CPU's meta could be read: it is what the rest of the area fits best. */
  readonly guessed: boolean;
}

export const ABIS: readonly Abi[] = [
  { littleEndian: true, longSize: 8 },
  { littleEndian: false, longSize: 8 },
  { littleEndian: true, longSize: 4 },
  { littleEndian: false, longSize: 4 },
];

/** Every layout on every kind of machine. */
export const KINDS: readonly LayoutKind[] = kindsOf(WRITER_LAYOUTS);

export function kindsOf(layouts: readonly WriterLayout[]): LayoutKind[] {
  return ABIS.flatMap((abi) => layouts.map((layout) => kindOf(layout, abi)));
}

function kindOf(layout: WriterLayout, abi: Abi): LayoutKind {
  const table = layout.cpuMeta as StructTable<typeof RING_BUFFER_CPU_META.fields>;
  return { ...layout, abi, numbersOffset: layoutOf(table, abi).offsets.subbuf_size };
}
