import type { Abi } from "../../ground/abi.js";
import { Bytes } from "../../ground/bytes.js";
import { MIN_SUBBUF_SIZE } from "../../ground/limits.js";
import type { Geometry } from "../../ring/geometry.js";
import { bootMetaSize, usualBuffersOffset } from "../../ring/layouts.js";
import { layoutOf, RING_BUFFER_META, readStruct, type StructTable } from "../../ring/structs.js";
import type { LayoutKind } from "./layout-kinds.js";
import type { Probed } from "./probes.js";

/** A size that the area may have. Before 6.15 none is stored: the input's stands for it. */
export interface TotalSize {
  readonly bytes: number;
  readonly stated: boolean;
  /** See sizeByMetas(). */
  readonly cutOff?: boolean;
}

export type Place = Omit<Geometry, "nrSubbufs" | "subbufSize">;

/** Each total size and each place of the first CPU's meta that the header allows. */
export function* places(
  kind: LayoutKind,
  source: Probed,
  start: Uint8Array,
): Generator<{ place: Place; totalSize: TotalSize }> {
  const cpuMetaSize = sizeOf(kind.cpuMeta, kind.abi);
  for (const totalSize of totalSizes(kind, source, start))
    for (const buffersOffset of buffersOffsets(kind, start, totalSize.bytes))
      yield { place: { buffersOffset, bootMetaSize: bootMetaSize(kind, kind.abi), cpuMetaSize }, totalSize };
}

/** The total size as stated, where it is not absurd beside the input, and the size of the input. */
function totalSizes(kind: LayoutKind, source: Probed, start: Uint8Array): TotalSize[] {
  if (kind.generation === "per-cpu") return [{ bytes: source.size, stated: true }];
  if (start.length < sizeOf(kind.bootMeta ?? RING_BUFFER_META, kind.abi)) return [];
  const stated = readStruct(kind.bootMeta ?? RING_BUFFER_META, new Bytes(start, kind.abi), 0).values.total_size;
  if (stated === BigInt(source.size)) return [{ bytes: source.size, stated: true }];
  const sizes = [{ bytes: source.size, stated: false }];
  // reserve_mem and memmap areas are page aligned.
  if (stated > 0n && stated % BigInt(MIN_SUBBUF_SIZE) === 0n && stated <= BigInt(mostBytes(source.size)))
    sizes.unshift({ bytes: Number(stated), stated: true });
  return sizes;
}

/** buffers_offset as stated, and where every kernel known puts it. */
function buffersOffsets(kind: LayoutKind, start: Uint8Array, totalSize: number): number[] {
  if (kind.generation === "per-cpu") return [0];
  const usual = usualBuffersOffset(kind, kind.abi);
  const header = sizeOf(kind.bootMeta ?? RING_BUFFER_META, kind.abi);
  if (start.length < header) return [];
  const stated = readStruct(kind.bootMeta ?? RING_BUFFER_META, new Bytes(start, kind.abi), 0).values.buffers_offset;
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

function sizeOf(table: StructTable, abi: Abi): number {
  return layoutOf(table, abi).size;
}

/** A cut-off image may name more sub-buffers than it holds, but not without bound: each costs memory. */
const MOST_SUBBUFS = 2 ** 17;
const BYTES_PER_SUBBUF = 256;
export const mostSubbufs = (bytes: number) => MOST_SUBBUFS + bytes / BYTES_PER_SUBBUF;

/** The largest area of which so many bytes are believed to be the beginning. */
export function mostBytes(bytes: number): number {
  return Math.floor(mostSubbufs(bytes) * MIN_SUBBUF_SIZE);
}
