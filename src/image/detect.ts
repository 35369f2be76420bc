import type { Abi } from "../abi.js";
import { Bytes } from "../bytes.js";
import type { Source } from "../input/source.js";
import { MAX_CPUS, MAX_SUBBUF_SIZE, MIN_NR_SUBBUFS, MIN_SUBBUF_SIZE } from "../limits.js";
import { chunksEnd, cpuMetaOffset, type Geometry, nrSubbufsFor } from "./geometry.js";
import {
  layoutOf,
  RING_BUFFER_CPU_META,
  RING_BUFFER_CPU_META_INJECT,
  RING_BUFFER_META,
  RING_BUFFER_META_MAGIC,
  RING_BUFFER_META_V1,
  readStruct,
  type StructTable,
  TRACE_MOD_ENTRY_SIZE,
  TRACE_SCRATCH,
} from "./structs.js";

/** `per-cpu`: a meta with magic for each CPU (6.12 to 6.14); `global`: one header, scratch, then CPUs (since 6.15). */
export type Generation = "per-cpu" | "global";

/** The meta of one CPU, whichever generation: the fields that both have. */
export type CpuMetaTable =
  | typeof RING_BUFFER_META_V1
  | typeof RING_BUFFER_CPU_META
  | typeof RING_BUFFER_CPU_META_INJECT;

/** One layout that some kernel writes. */
export interface LayoutKind {
  readonly generation: Generation;
  readonly abi: Abi;
  readonly cpuMeta: CpuMetaTable;
  /** Written with CONFIG_RING_BUFFER_PERSISTENT_INJECT. */
  readonly inject: boolean;
}

/** A layout found in an image. */
export interface Layout extends LayoutKind {
  readonly geometry: Geometry;
  readonly nrCpus: number;
  /** Bytes of the area: total_size, or the size of the input where that is unusable (or not stored). */
  readonly totalSize: number;
  /** How sure: see scoreOf(). */
  readonly score: number;
}

const ABIS: readonly Abi[] = [
  { littleEndian: true, longSize: 8 },
  { littleEndian: false, longSize: 8 },
  { littleEndian: true, longSize: 4 },
  { littleEndian: false, longSize: 4 },
];

const KINDS: readonly LayoutKind[] = ABIS.flatMap((abi) => [
  { generation: "global" as const, abi, cpuMeta: RING_BUFFER_CPU_META, inject: false },
  { generation: "global" as const, abi, cpuMeta: RING_BUFFER_CPU_META_INJECT, inject: true },
  { generation: "per-cpu" as const, abi, cpuMeta: RING_BUFFER_META_V1, inject: false },
]);

/** sizeof(cpu meta) | sizeof(global meta) << 16, as the global header stores it. */
export function structSizes(kind: LayoutKind): number {
  return sizeOf(kind.cpuMeta, kind.abi) | (sizeOf(RING_BUFFER_META, kind.abi) << 16);
}

/** Where the kernel puts the first CPU's meta: the scratch has room for 128 modules (allocate_trace_buffer(), trace.c). */
export function usualBuffersOffset(abi: Abi): number {
  return sizeOf(RING_BUFFER_META, abi) + sizeOf(TRACE_SCRATCH, abi) + 128 * TRACE_MOD_ENTRY_SIZE;
}

function sizeOf(table: StructTable, abi: Abi): number {
  return layoutOf(table, abi).size;
}

/** How many bytes a detection may look at when the header does not lead to the CPUs. */
const PROBE = 64 * 1024;

/**
 * Finds the layout that explains the bytes best, also where a header is damaged: every fact that fits (magic, struct
 * sizes, each CPU's meta where the layout puts it) counts. Undefined where nothing convinces.
 */
export function detectLayout(source: Source): Layout | undefined {
  const start = source.read(0, PROBE);
  let best: Layout | undefined;
  for (const kind of KINDS) {
    const identity = identityOf(kind, start);
    // Without any sign in the header, only CPU metas that agree with each other convince: look for those too, but
    // only where something is there at all.
    for (const candidate of candidates(kind, source, start, identity)) {
      if (candidate.score >= CONVINCING && (best === undefined || candidate.score > best.score)) best = candidate;
    }
  }
  return best;
}

/** What a magic and struct size that both fit are worth: enough on their own. */
const CONVINCING = 4;

/** Points for the header's own signs: 2 for the magic, 2 for the struct sizes. */
function identityOf(kind: LayoutKind, start: Uint8Array): number {
  if (start.length < 8) return 0;
  const bytes = new Bytes(start, kind.abi);
  const sizes = kind.generation === "global" ? structSizes(kind) : sizeOf(kind.cpuMeta, kind.abi);
  return (bytes.u32(0) === RING_BUFFER_META_MAGIC ? 2 : 0) + (bytes.u32(4) === sizes ? 2 : 0);
}

function* candidates(kind: LayoutKind, source: Source, start: Uint8Array, identity: number): Generator<Layout> {
  const cpuMetaSize = sizeOf(kind.cpuMeta, kind.abi);
  for (const totalSize of totalSizes(kind, source, start)) {
    for (const buffersOffset of buffersOffsets(kind, start, totalSize)) {
      const place = { buffersOffset, cpuMetaSize };
      // The plain way: the first CPU's meta says how many sub-buffers there are, and of what size.
      for (const geometry of statedGeometries(kind, source, place, totalSize)) {
        const nrCpus = countCpus(kind, source, geometry, totalSize);
        yield layout(kind, source, geometry, nrCpus, totalSize, identity);
      }
    }
  }
  if (identity >= 2 || kind.generation === "per-cpu") yield* impliedLayouts(kind, source, start, identity);
}

/** The total size as stated, where the input or the geometry can bear it, and the size of the input. */
function totalSizes(kind: LayoutKind, source: Source, start: Uint8Array): number[] {
  const sizes = [source.size];
  if (kind.generation === "global" && start.length >= sizeOf(RING_BUFFER_META, kind.abi)) {
    const stated = readStruct(RING_BUFFER_META, new Bytes(start, kind.abi), 0).values.total_size;
    if (stated !== BigInt(source.size) && stated > 0n && stated <= BigInt(Number.MAX_SAFE_INTEGER))
      sizes.unshift(Number(stated));
  }
  return sizes;
}

/** buffers_offset as stated, and where every kernel known puts it. */
function buffersOffsets(kind: LayoutKind, start: Uint8Array, totalSize: number): number[] {
  if (kind.generation === "per-cpu") return [0];
  const usual = usualBuffersOffset(kind.abi);
  const header = sizeOf(RING_BUFFER_META, kind.abi);
  if (start.length < header) return [];
  const stated = readStruct(RING_BUFFER_META, new Bytes(start, kind.abi), 0).values.buffers_offset;
  const offsets = [usual];
  if (
    stated !== BigInt(usual) &&
    stated >= BigInt(header) &&
    stated < BigInt(totalSize) &&
    stated % BigInt(kind.abi.longSize) === 0n
  )
    offsets.unshift(Number(stated));
  return offsets;
}

type Place = Omit<Geometry, "nrSubbufs" | "subbufSize">;

/** The geometry that the first CPU's meta states, where it can be true. */
function* statedGeometries(kind: LayoutKind, source: Source, place: Place, totalSize: number): Generator<Geometry> {
  const meta = metaAt(kind, source, place.buffersOffset, place.cpuMetaSize);
  if (!meta || !isSubbufSize(meta.subbuf_size)) return;
  const geometry = { ...place, subbufSize: meta.subbuf_size, nrSubbufs: meta.nr_subbufs };
  if (meta.nr_subbufs >= MIN_NR_SUBBUFS && chunksEnd(geometry, 1) <= totalSize) yield geometry;
}

/**
 * Where the first CPU's meta cannot be believed: the number of sub-buffers follows from the number of CPUs, as the
 * kernel computes it. The other CPUs' metas, found where that puts them, decide.
 */
function* impliedLayouts(kind: LayoutKind, source: Source, start: Uint8Array, identity: number): Generator<Layout> {
  const cpuMetaSize = sizeOf(kind.cpuMeta, kind.abi);
  for (const totalSize of totalSizes(kind, source, start)) {
    for (const buffersOffset of buffersOffsets(kind, start, totalSize)) {
      for (let subbufSize = MIN_SUBBUF_SIZE; subbufSize <= MAX_SUBBUF_SIZE; subbufSize *= 2) {
        for (let nrCpus = 1; nrCpus <= MAX_CPUS; nrCpus++) {
          const place = { buffersOffset, cpuMetaSize, subbufSize };
          const nrSubbufs = nrSubbufsFor(totalSize, nrCpus, place);
          if (nrSubbufs === undefined) break;
          const geometry = { ...place, nrSubbufs };
          // A meta that agrees in its last CPU, or its first, is worth a full look.
          const first = agrees(kind, source, geometry, 0);
          if (
            first === 0 &&
            agrees(kind, source, geometry, 1) === 0 &&
            agrees(kind, source, geometry, nrCpus - 1) === 0
          )
            continue;
          yield layout(kind, source, geometry, nrCpus, totalSize, identity);
        }
      }
    }
  }
}

function layout(
  kind: LayoutKind,
  source: Source,
  geometry: Geometry,
  nrCpus: number,
  totalSize: number,
  identity: number,
): Layout {
  return { ...kind, geometry, nrCpus, totalSize, score: identity + scoreOf(kind, source, geometry, nrCpus, totalSize) };
}

/** Points for CPU metas that lie where the geometry puts them, less for those that do not; a little for a size that fits. */
function scoreOf(kind: LayoutKind, source: Source, geometry: Geometry, nrCpus: number, totalSize: number): number {
  let points = 0;
  const looked = Math.min(nrCpus, 64);
  for (let cpu = 0; cpu < looked; cpu++) points += agrees(kind, source, geometry, cpu);
  const fits = nrSubbufsFor(totalSize, nrCpus, geometry) === geometry.nrSubbufs ? 1 : 0;
  return (4 * points) / looked + fits + (totalSize === source.size ? 0.5 : 0);
}

/** How well the meta of `cpu` agrees with the geometry: 1 wholly, 0 not at all. */
function agrees(kind: LayoutKind, source: Source, geometry: Geometry, cpu: number): number {
  const meta = metaAt(kind, source, cpuMetaOffset(geometry, cpu), geometry.cpuMetaSize);
  if (!meta) return 0;
  const size = meta.subbuf_size === geometry.subbufSize ? 0.5 : 0;
  return size + (meta.nr_subbufs === geometry.nrSubbufs ? 0.5 : 0);
}

/**
 * The number of CPUs is stored nowhere: it is what makes the kernel give each CPU this many sub-buffers, and at least
 * as many as there are metas.
 */
function countCpus(kind: LayoutKind, source: Source, geometry: Geometry, totalSize: number): number {
  let metas = 1;
  for (let cpu = 1; cpu < MAX_CPUS && chunksEnd(geometry, cpu + 1) <= totalSize; cpu++) {
    if (agrees(kind, source, geometry, cpu) === 1) metas = cpu + 1;
  }
  for (let cpus = metas; cpus <= MAX_CPUS && chunksEnd(geometry, cpus) <= totalSize; cpus++) {
    if (nrSubbufsFor(totalSize, cpus, geometry) === geometry.nrSubbufs) return cpus;
  }
  return metas;
}

function metaAt(kind: LayoutKind, source: Source, offset: number, size: number) {
  const bytes = source.read(offset, size);
  if (bytes.length < size) return undefined;
  const table: StructTable<typeof RING_BUFFER_CPU_META.fields> = kind.cpuMeta;
  return readStruct(table, new Bytes(bytes, kind.abi, offset), 0).values;
}

function isSubbufSize(size: number): boolean {
  return size >= MIN_SUBBUF_SIZE && size <= MAX_SUBBUF_SIZE && (size & (size - 1)) === 0;
}
