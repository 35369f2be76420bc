import { Bytes } from "../bytes.js";
import type { Diagnostics } from "../diagnostics.js";
import { DecodeError } from "../errors.js";
import type { Source } from "../input/source.js";
import type { Layout } from "./detect.js";
import { cpuMetaOffset, subbufsOffset } from "./geometry.js";
import {
  RING_BUFFER_CPU_META,
  RING_BUFFER_META_MAGIC,
  RING_BUFFER_META_V1,
  readStruct,
  type StructRead,
  type StructTable,
} from "./structs.js";

/** A sub-buffer by both of its numbers. */
export interface SubbufRef {
  /** bpage->id: the position in buffers[]. */
  readonly id: number;
  /** Physical index in the sub-buffer array. */
  readonly index: number;
}

/** What the writer left of one CPU: its meta, and where its sub-buffers lie. */
export interface CpuArea {
  readonly cpu: number;
  readonly metaOffset: number;
  /** The meta as stored; undefined where the image ends before it. */
  readonly meta: StructRead<typeof RING_BUFFER_CPU_META> | undefined;
  /** Where buffers[] lies. */
  readonly buffersOffset: number;
  readonly subbufsOffset: number;
  readonly subbufSize: number;
  readonly nrSubbufs: number;
  /** Physical index by id; -1 where buffers[] gives none that can be true. */
  readonly indexById: Int32Array;
  /** Id by physical index; -1 for a sub-buffer that buffers[] does not name. */
  readonly idByIndex: Int32Array;
  /** Address of the first sub-buffer in the writing boot. */
  readonly firstBuffer: bigint | undefined;
  readonly reader: SubbufRef | undefined;
  readonly head: SubbufRef | undefined;
  readonly commit: SubbufRef | undefined;
  /** The ids that hold unread events, in reading order: the reader page, then head to commit. */
  readonly live: readonly number[];
}

/** The fields that the metas of both generations share. */
const SHARED: StructTable<typeof RING_BUFFER_CPU_META.fields> = RING_BUFFER_CPU_META;

/** Reads the CPU areas of a layout. Every oddity goes to `diagnostics`; nothing is thrown. */
export function readCpuAreas(source: Source, layout: Layout, diagnostics: Diagnostics): CpuArea[] {
  const metas = Array.from({ length: layout.nrCpus }, (_, cpu) => readMeta(source, layout, cpu, diagnostics));
  const start = virtualStartOf(layout, metas);
  return metas.map((meta, cpu) => readCpuArea(source, layout, cpu, meta, start, diagnostics));
}

type Meta = CpuArea["meta"];

function readMeta(source: Source, layout: Layout, cpu: number, diagnostics: Diagnostics): Meta {
  const offset = cpuMetaOffset(layout.geometry, cpu);
  const bytes = new Bytes(source.read(offset, layout.geometry.cpuMetaSize), layout.abi, offset);
  try {
    if (layout.cpuMeta !== RING_BUFFER_META_V1) return readStruct(layout.cpuMeta as typeof SHARED, bytes, 0);
    const meta = readStruct(RING_BUFFER_META_V1, bytes, 0);
    const { values, spans } = meta;
    if (values.magic !== RING_BUFFER_META_MAGIC)
      diagnostics.add(
        "cpu-meta-magic",
        spans.magic.offset,
        `magic is 0x${(values.magic >>> 0).toString(16)}, not 0x0badfeed`,
        { cpu },
      );
    if (values.struct_size !== meta.span.length)
      diagnostics.add(
        "cpu-meta-struct-size",
        spans.struct_size.offset,
        `struct_size is ${values.struct_size}, not ${meta.span.length}`,
        { cpu },
      );
    return meta as unknown as Meta;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    diagnostics.add("cpu-meta-truncated", offset, "the image ends before this CPU's meta does", { cpu });
    return undefined;
  }
}

/**
 * The virtual address of the area in the writing boot, as most CPUs' first_buffer says: one of them may be damaged.
 * Undefined where no two agree and none is page aligned.
 */
function virtualStartOf(layout: Layout, metas: readonly Meta[]): bigint | undefined {
  const votes = new Map<bigint, number>();
  metas.forEach((meta, cpu) => {
    if (!meta) return;
    const start =
      meta.values.first_buffer - BigInt(subbufsOffset(layout.geometry, cpuMetaOffset(layout.geometry, cpu)));
    if (start > 0n && start % 4096n === 0n) votes.set(start, (votes.get(start) ?? 0) + 1);
  });
  let best: bigint | undefined;
  for (const [start, count] of votes) if (best === undefined || count > votes.get(best)!) best = start;
  return best;
}

function readCpuArea(
  source: Source,
  layout: Layout,
  cpu: number,
  meta: Meta,
  virtualStart: bigint | undefined,
  diagnostics: Diagnostics,
): CpuArea {
  const { geometry } = layout;
  const { subbufSize, nrSubbufs } = geometry;
  const metaOffset = cpuMetaOffset(geometry, cpu);
  const buffersOffset = metaOffset + geometry.cpuMetaSize;
  const dataOffset = subbufsOffset(geometry, metaOffset);
  const { indexById, idByIndex } = readBuffers(source, layout, cpu, buffersOffset, diagnostics);
  const place = { cpu };
  const firstBuffer = virtualStart === undefined ? meta?.values.first_buffer : virtualStart + BigInt(dataOffset);

  let head: SubbufRef | undefined;
  let commit: SubbufRef | undefined;
  if (meta && firstBuffer !== undefined) {
    const { values, spans } = meta;
    if (values.subbuf_size !== subbufSize)
      diagnostics.add(
        "cpu-meta-subbuf-size",
        spans.subbuf_size.offset,
        `subbuf_size is ${values.subbuf_size}; the layout implies ${subbufSize}`,
        place,
      );
    if (values.nr_subbufs !== nrSubbufs)
      diagnostics.add(
        "cpu-meta-nr-subbufs",
        spans.nr_subbufs.offset,
        `nr_subbufs is ${values.nr_subbufs}; the layout implies ${nrSubbufs}`,
        place,
      );
    if (values.first_buffer !== firstBuffer)
      diagnostics.add(
        "first-buffer-mismatch",
        spans.first_buffer.offset,
        `first_buffer is 0x${values.first_buffer.toString(16)}; the other CPUs imply 0x${firstBuffer.toString(16)}`,
        place,
      );
    const refOf = (address: bigint): SubbufRef | undefined => {
      const distance = address - firstBuffer;
      if (distance < 0n || distance >= BigInt(subbufSize) * BigInt(nrSubbufs) || distance % BigInt(subbufSize) !== 0n)
        return undefined;
      const index = Number(distance) / subbufSize;
      return { id: idByIndex[index]!, index };
    };
    head = refOf(values.head_buffer);
    commit = refOf(values.commit_buffer);
    // A CPU that never came up has a meta, but nobody set its head and commit (rb_allocate_cpu_buffer()).
    const unused = values.head_buffer === 0n && values.commit_buffer === 0n;
    if (!head && !unused)
      diagnostics.add(
        "head-out-of-range",
        spans.head_buffer.offset,
        `head_buffer 0x${values.head_buffer.toString(16)} is no sub-buffer of this CPU`,
        place,
      );
    if (!commit && !unused)
      diagnostics.add(
        "commit-out-of-range",
        spans.commit_buffer.offset,
        `commit_buffer 0x${values.commit_buffer.toString(16)} is no sub-buffer of this CPU`,
        place,
      );
  }
  const readerIndex = indexById[0]!;
  const live = liveIds(nrSubbufs, indexById, head, commit);
  if (head && commit && live.length > 0 && live.at(-1) !== commit.id)
    diagnostics.add(
      "commit-not-reachable",
      meta!.spans.commit_buffer.offset,
      "the commit page is not reached from the head page",
      place,
    );
  return {
    cpu,
    metaOffset,
    meta,
    buffersOffset,
    subbufsOffset: dataOffset,
    subbufSize,
    nrSubbufs,
    indexById,
    idByIndex,
    firstBuffer,
    reader: readerIndex >= 0 ? { id: 0, index: readerIndex } : undefined,
    head,
    commit,
    live,
  };
}

function readBuffers(source: Source, layout: Layout, cpu: number, offset: number, diagnostics: Diagnostics) {
  const { nrSubbufs } = layout.geometry;
  const indexById = new Int32Array(nrSubbufs).fill(-1);
  const idByIndex = new Int32Array(nrSubbufs).fill(-1);
  const bytes = new Bytes(source.read(offset, 4 * nrSubbufs), layout.abi, offset);
  for (let id = 0; id < nrSubbufs && 4 * id + 4 <= bytes.length; id++) {
    const index = bytes.i32(4 * id);
    if (index < 0 || index >= nrSubbufs) {
      diagnostics.add(
        "buffers-out-of-range",
        offset + 4 * id,
        `buffers[${id}] is ${index}: there are ${nrSubbufs} sub-buffers`,
        { cpu },
      );
    } else if (idByIndex[index]! >= 0) {
      diagnostics.add(
        "buffers-duplicate",
        offset + 4 * id,
        `buffers[${id}] is ${index}, as buffers[${idByIndex[index]}] is`,
        { cpu, subbuf: index },
      );
    } else {
      indexById[id] = index;
      idByIndex[index] = id;
    }
  }
  return { indexById, idByIndex };
}

/** The reader page, then from head to commit round the ring 1..nr-1. Without head or commit nothing is known to be live. */
function liveIds(
  nrSubbufs: number,
  indexById: Int32Array,
  head: SubbufRef | undefined,
  commit: SubbufRef | undefined,
): number[] {
  const live = indexById[0]! >= 0 ? [0] : [];
  if (!commit || commit.id === 0) return commit ? live : [];
  if (!head || head.id < 1 || commit.id < 0) return [];
  for (let step = 0, id = head.id; step < nrSubbufs - 1; step++) {
    if (indexById[id]! >= 0) live.push(id);
    if (id === commit.id) break;
    id = id === nrSubbufs - 1 ? 1 : id + 1;
  }
  return live;
}
