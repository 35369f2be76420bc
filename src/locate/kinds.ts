import { Bytes } from "../ground/bytes.js";
import { MAX_SUBBUF_SIZE, MIN_NR_SUBBUFS, MIN_SUBBUF_SIZE } from "../ground/limits.js";
import { KINDS, type LayoutKind } from "../image/detect/layout-kinds.js";
import { bootMetaSize, structSizes, usualBuffersOffset } from "../ring/layouts.js";
import {
  layoutOf,
  type RING_BUFFER_CPU_META,
  RING_BUFFER_META,
  RING_BUFFER_META_MAGIC,
  readStruct,
  type StructTable,
} from "../ring/structs.js";

/** A page that begins as an area does, or as a CPU's part of one. */
export interface Sighting {
  readonly address: number;
  readonly kind: LayoutKind;
  /** What a CPU's meta says; undefined for a boot meta. */
  readonly meta: ChunkMeta | undefined;
  /** total_size, where this is a boot meta and the size can be. */
  readonly totalSize: number | undefined;
}

/** The numbers of a CPU's meta that fit each other. */
export interface ChunkMeta {
  readonly firstBuffer: bigint;
  readonly subbufSize: number;
  readonly nrSubbufs: number;
}

const GLOBAL = KINDS.filter(({ generation }) => generation === "global");
/** The fields that the metas of all layouts share, read where each has them. */
type SharedTable = StructTable<typeof RING_BUFFER_CPU_META.fields>;

/** Bytes that a look at a page needs. */
export const LOOKED_AT = 64;
/** No area is larger; the largest machine's memory is not. */
const MOST_BYTES = 2n ** 44n;
const MOST_SUBBUFS = 2 ** 24;

/** What a boot meta says at the start of a page: four facts, of which one may be damaged. */
export function bootMetaAt(page: Uint8Array, address: number): Sighting | undefined {
  for (const kind of GLOBAL) {
    const bytes = new Bytes(page, kind.abi);
    if (bytes.length < bootMetaSize(kind, kind.abi)) continue;
    const { magic, struct_sizes, total_size, buffers_offset } = readStruct(RING_BUFFER_META, bytes, 0).values;
    const sized = total_size % BigInt(MIN_SUBBUF_SIZE) === 0n && total_size > 0n && total_size < MOST_BYTES;
    const facts = [
      magic === RING_BUFFER_META_MAGIC,
      struct_sizes === structSizes(kind, kind.abi),
      sized,
      buffers_offset === BigInt(usualBuffersOffset(kind, kind.abi)),
    ];
    if (facts.filter(Boolean).length >= 3)
      return { address, kind, meta: undefined, totalSize: sized ? Number(total_size) : undefined };
  }
  return undefined;
}

/** What a CPU's meta says at the start of a page: all of it must fit. */
export function chunkAt(page: Uint8Array, address: number): Sighting | undefined {
  for (const kind of KINDS) {
    const meta = chunkMeta(page, kind);
    if (meta !== undefined) return { address, kind, meta, totalSize: undefined };
  }
  return undefined;
}

/** The numbers of a CPU's meta of this kind, where they fit each other. */
export function chunkMeta(page: Uint8Array, kind: LayoutKind): ChunkMeta | undefined {
  const bytes = new Bytes(page, kind.abi);
  const { cpuMeta, abi } = kind;
  if (bytes.length < layoutOf(cpuMeta, abi).size) return undefined;
  if (kind.generation === "per-cpu" && bytes.u32(0) !== RING_BUFFER_META_MAGIC) return undefined;
  const { values } = readStruct(cpuMeta as unknown as SharedTable, bytes, 0);
  const { first_buffer: firstBuffer, subbuf_size: subbufSize, nr_subbufs: nrSubbufs } = values;
  if (subbufSize < MIN_SUBBUF_SIZE || subbufSize > MAX_SUBBUF_SIZE || (subbufSize & (subbufSize - 1)) !== 0)
    return undefined;
  if (nrSubbufs < MIN_NR_SUBBUFS || nrSubbufs > MOST_SUBBUFS) return undefined;
  const size = BigInt(subbufSize);
  const unset = values.head_buffer === 0n && values.commit_buffer === 0n;
  const within = (place: bigint): boolean => {
    const distance = place - firstBuffer;
    return distance >= 0n && distance % size === 0n && distance < size * BigInt(nrSubbufs);
  };
  if (firstBuffer === 0n || firstBuffer % size !== 0n) return undefined;
  if (!unset && !(within(values.head_buffer) && within(values.commit_buffer))) return undefined;
  return { firstBuffer, subbufSize, nrSubbufs };
}
