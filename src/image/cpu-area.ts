import { Bytes } from "../ground/bytes.js";
import type { DiagnosticCode, Diagnostics } from "../ground/diagnostics.js";
import { hex } from "../ground/hex.js";
import type { Source } from "../input/source.js";
import { cpuMetaOffset, subbufIndexAt, subbufsOffset } from "../ring/geometry.js";
import { SubbufReader } from "../ring/subbuf.js";
import type { CpuMetaRead } from "./cpu-meta.js";
import type { Layout } from "./detect/layout-kinds.js";
import { inferLiveIds, liveIds, type Ring } from "./live.js";

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
  readonly meta: CpuMetaRead;
  /** Where buffers[] lies. */
  readonly buffersOffset: number;
  readonly subbufsOffset: number;
  readonly subbufSize: number;
  readonly nrSubbufs: number;
  /** Physical index by id. Damaged entries of buffers[] stand for the sub-buffers that are left (see diagnostics). */
  readonly indexById: Int32Array;
  /** Id by physical index. */
  readonly idByIndex: Int32Array;
  /** Address of the first sub-buffer in the writing boot. */
  readonly firstBuffer: bigint | undefined;
  readonly reader: SubbufRef;
  readonly head: SubbufRef | undefined;
  readonly commit: SubbufRef | undefined;
  /** The ids that hold unread events, in reading order: the reader page, then head to commit. */
  readonly live: readonly number[];
  /** Whether head or commit were lost, so that `live` had to be told by the sub-buffers' times. */
  readonly inferred: boolean;
}

/** What all CPUs' areas have in common. */
interface Whole {
  readonly source: Source;
  readonly layout: Layout;
  /** Where the whole area lay in the writing boot. */
  readonly virtualStart: bigint | undefined;
  /** Takes every oddity. */
  readonly diagnostics: Diagnostics;
}

/** Reads the CPU areas of a layout. Nothing is thrown. */
export function readCpuAreas(whole: Whole, metas: readonly CpuMetaRead[]): CpuArea[] {
  return metas.map((meta, cpu) => readCpuArea(whole, cpu, meta));
}

function readCpuArea(whole: Whole, cpu: number, meta: CpuMetaRead): CpuArea {
  const { source, layout, virtualStart, diagnostics } = whole;
  const { geometry } = layout;
  const { subbufSize, nrSubbufs } = geometry;
  const metaOffset = cpuMetaOffset(geometry, cpu);
  const buffersOffset = metaOffset + geometry.cpuMetaSize;
  const dataOffset = subbufsOffset(geometry, metaOffset);
  const { indexById, idByIndex } = readBuffers(whole, cpu, buffersOffset);
  const firstBuffer = virtualStart === undefined ? undefined : virtualStart + BigInt(dataOffset);

  const { head, commit } = meta
    ? readAddresses(whole, cpu, meta, { firstBuffer, idByIndex })
    : { head: undefined, commit: undefined };
  const ring = ringOf(source, layout, dataOffset, indexById);
  // The reader page is outside the ring: it can be the commit page, never the head.
  const headId = head && head.id > 0 ? head.id : undefined;
  const commitId = commit?.id;
  // A CPU that never came up has a sound meta, but nobody set its head and commit (rb_allocate_cpu_buffer()).
  const unused =
    meta?.values.head_buffer === 0n && meta.values.commit_buffer === 0n && meta.values.nr_subbufs === nrSubbufs;
  const inferred = !unused && (commitId === undefined || (headId === undefined && commitId !== 0));
  const live = unused
    ? []
    : inferred
      ? inferLiveIds(ring, headId, commitId)
      : liveIds(ring, headId ?? 1, commitId ?? 0);
  if (inferred && meta)
    diagnostics.add(
      "live-inferred",
      metaOffset,
      "head or commit is lost: what is unread is worked out from the sub-buffers' times",
      {
        cpu,
      },
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
    reader: { id: 0, index: indexById[0]! },
    head,
    commit,
    live,
    inferred,
  };
}

/** Head and commit by their addresses; says where a field is not as the layout implies. */
function readAddresses(
  { layout: { geometry }, diagnostics }: Whole,
  cpu: number,
  { values, spans }: NonNullable<CpuMetaRead>,
  { firstBuffer, idByIndex }: Pick<CpuArea, "firstBuffer" | "idByIndex">,
): { head: SubbufRef | undefined; commit: SubbufRef | undefined } {
  const expect = (holds: boolean, code: DiagnosticCode, field: keyof typeof spans, message: string): void => {
    if (!holds) diagnostics.add(code, spans[field].offset, message, { cpu });
  };
  const implied = (field: "subbuf_size" | "nr_subbufs", value: number): string =>
    `${field} is ${values[field]}; the layout implies ${value}`;
  const { subbufSize, nrSubbufs } = geometry;
  expect(values.subbuf_size === subbufSize, "cpu-meta-subbuf-size", "subbuf_size", implied("subbuf_size", subbufSize));
  expect(values.nr_subbufs === nrSubbufs, "cpu-meta-nr-subbufs", "nr_subbufs", implied("nr_subbufs", nrSubbufs));
  expect(
    values.first_buffer === firstBuffer,
    "first-buffer-mismatch",
    "first_buffer",
    `first_buffer is ${hex(values.first_buffer)}; ${firstBuffer === undefined ? "nothing tells where the area lay" : `the other CPUs imply ${hex(firstBuffer)}`}`,
  );
  if (firstBuffer === undefined) return { head: undefined, commit: undefined };
  const unset = values.head_buffer === 0n && values.commit_buffer === 0n;
  const refOf = (field: "head_buffer" | "commit_buffer", code: DiagnosticCode): SubbufRef | undefined => {
    const index = subbufIndexAt(geometry, values[field] - firstBuffer);
    expect(index !== undefined || unset, code, field, `${field} ${hex(values[field])} is not a sub-buffer of this CPU`);
    return index === undefined ? undefined : { id: idByIndex[index]!, index };
  };
  return { head: refOf("head_buffer", "head-out-of-range"), commit: refOf("commit_buffer", "commit-out-of-range") };
}

function ringOf(source: Source, { abi, geometry }: Layout, dataOffset: number, indexById: Int32Array): Ring {
  const { subbufSize, nrSubbufs } = geometry;
  const subbufs = new SubbufReader(abi, subbufSize);
  const placeOf = (id: number) => dataOffset + indexById[id]! * subbufSize;
  const has = (id: number) => placeOf(id) + subbufs.headerSize <= source.size;
  return {
    nrSubbufs,
    capacity: subbufs.capacity,
    has,
    header: (id) => {
      const bytes = has(id) ? source.probe(placeOf(id), subbufs.headerSize) : undefined;
      return bytes?.length === subbufs.headerSize ? subbufs.header(new Bytes(bytes, abi)) : undefined;
    },
  };
}

function readBuffers({ source, layout, diagnostics }: Whole, cpu: number, offset: number) {
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
        `buffers[${id}] is ${index}, the same as buffers[${idByIndex[index]}]`,
        { cpu, subbuf: index },
      );
    } else {
      indexById[id] = index;
      idByIndex[index] = id;
    }
  }
  const missing = inferBuffers(indexById, idByIndex);
  const cut = bytes.length < 4 * nrSubbufs;
  if (missing > 0 && !cut) {
    const stand =
      missing === 1
        ? "1 damaged entry of buffers[] stands for the only sub-buffer left"
        : `${missing} damaged entries of buffers[] stand for the sub-buffers left, in ascending order: their ids are a guess`;
    diagnostics.add("buffers-inferred", offset, stand, { cpu });
  }
  return { indexById, idByIndex };
}

/**
 * Gives the sub-buffers that no sound entry names to the ids whose entries are damaged, in ascending order, as a kernel
 * does at first. With one of each there is no doubt. Returns how many.
 */
function inferBuffers(indexById: Int32Array, idByIndex: Int32Array): number {
  let missing = 0;
  for (let id = 0, index = 0; id < indexById.length; id++) {
    if (indexById[id]! >= 0) continue;
    while (idByIndex[index]! >= 0) index++;
    indexById[id] = index;
    idByIndex[index] = id;
    missing++;
  }
  return missing;
}
