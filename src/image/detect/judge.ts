import { Bytes } from "../../ground/bytes.js";
import { cpuMetaOffset, type Geometry, nrSubbufsFor } from "../../ring/geometry.js";
import { usualBuffersOffset } from "../../ring/layouts.js";
import { type RING_BUFFER_CPU_META, readStruct, type StructTable } from "../../ring/structs.js";
import { lastBuffer } from "./contents.js";
import type { Layout, LayoutKind } from "./layout-kinds.js";
import type { TotalSize } from "./places.js";
import type { Probed } from "./probes.js";
import { BOTH_SIGNS, identityOf } from "./signs.js";

/** A way to divide the input, and the points of the signs in its header. */
export interface Division {
  readonly geometry: Geometry;
  readonly nrCpus: number;
  readonly size: TotalSize;
  readonly identity: number;
}

export function layout(kind: LayoutKind, source: Probed, division: Division): Layout {
  const { geometry, nrCpus, size } = division;
  // Before 6.15 each CPU's meta carries the signs: the second's and the last's stand in for a damaged first.
  const others = kind.generation === "per-cpu" ? [1, nrCpus - 1].filter((cpu) => cpu > 0 && cpu < nrCpus) : [];
  const signs = others.map((cpu) => identityOf(kind, source.probe(cpuMetaOffset(geometry, cpu), 8)));
  const judged = judge(kind, source, { ...division, identity: Math.max(division.identity, ...signs) });
  return { ...kind, geometry, nrCpus, totalSize: size.bytes, ...judged, guessed: false };
}

/** The score of a layout without a doubt: every CPU's meta, and the stated size. */
export const PERFECT = Number.POSITIVE_INFINITY;

/** The first CPU's meta lies where every kernel known puts it, and pages are of a usual size: what decides where nothing else does. */
const USUAL_PLACE = 0.25;
const USUAL_SIZE = 0.25;
export const MOST_USUAL = USUAL_PLACE + USUAL_SIZE;
/** PAGE_SIZE of nearly all machines; 8K, 32K and more are of a few old ones. */
const USUAL_SIZES = new Set([4096, 16384, 65536]);

/**
 * Points for what agrees. A meta that agrees wholly says more than two that agree by half, so agreement counts squared;
 * each that is found says something; so do a number of sub-buffers that the kernel would have chosen for this size, and a
 * size that is the stated one, or the input's. The weights make every single damaged field lose against the rest: see
 * test/reading/damage.test.ts.
 */
function judge(
  kind: LayoutKind,
  source: Probed,
  { geometry, nrCpus, size, identity }: Division,
): Pick<Layout, "score" | "agreed" | "settled"> {
  let sum = 0;
  let squares = 0;
  let whole = 0;
  const looked = Math.min(nrCpus, 64);
  for (let cpu = 0; cpu < looked; cpu++) {
    const agreement = agrees(kind, source, geometry, cpu);
    sum += agreement;
    squares += agreement ** 2;
    if (agreement > 0.99) whole++;
  }
  const fits = !size.cutOff && nrSubbufsFor(size.bytes, nrCpus, geometry) === geometry.nrSubbufs;
  // What tells 6.15 from later kernels: the scratch area's size.
  const usual = isUsualPlace(kind, geometry);
  const agreed = whole === looked && fits && usual;
  const settled = identity === BOTH_SIGNS && size.stated && fits && usual && whole > 0 && whole >= looked - 1;
  if (settled && agreed) return { score: PERFECT, agreed, settled };
  const points = identity + (4 * squares) / looked + Math.min(whole, 1) + 1.5 * Math.min(sum, 4) + (fits ? 3 : 0);
  // A stated size beyond the input's end means that the input is cut off, as far as the header is one; one before it may be damaged as well.
  const cut = (3 * identity) / BOTH_SIGNS;
  const stated = size.stated ? (size.bytes > source.size ? cut : 1.5) : size.cutOff ? 1.5 : 0;
  return {
    score: points + stated + (size.bytes === source.size ? 0.5 : 0) + usualPoints(kind, geometry),
    agreed,
    settled,
  };
}

export function usualPoints(kind: LayoutKind, geometry: Geometry): number {
  const size = USUAL_SIZES.has(geometry.subbufSize) ? USUAL_SIZE : 0;
  return size + (isUsualPlace(kind, geometry) ? USUAL_PLACE : 0);
}

function isUsualPlace(kind: LayoutKind, { buffersOffset }: Geometry): boolean {
  return buffersOffset === usualBuffersOffset(kind, kind.abi);
}

/** How well the meta of `cpu` agrees with the geometry: 1 wholly, 0 not at all. */
export function agrees(kind: LayoutKind, source: Probed, geometry: Geometry, cpu: number): number {
  const offset = cpuMetaOffset(geometry, cpu);
  if (!mentions(kind, source, offset, geometry)) return 0;
  const meta = metaAt(kind, source, offset, geometry.cpuMetaSize);
  if (!meta) return 0;
  const size = meta.subbuf_size === geometry.subbufSize ? 0.2 : 0;
  const count = meta.nr_subbufs === geometry.nrSubbufs ? 0.4 : 0;
  if (size + count === 0) return 0;
  const subbuf = BigInt(geometry.subbufSize);
  const aligned = (address: bigint) => address === 0n || (address - meta.first_buffer) % subbuf === 0n;
  // Zeros are aligned with each other wherever they lie.
  const places = meta.first_buffer !== 0n && aligned(meta.head_buffer) && aligned(meta.commit_buffer) ? 0.2 : 0;
  const ends = buffersEndHere(kind, source, geometry, offset) ? 0.2 : 0;
  const agreement = size + count + places + ends;
  // One number that happens to fit proves nothing: there are records that begin with a small one, and zeros behind them.
  if (agreement < (size > 0 ? 0.5 : 0.7)) return 0;
  // Nor does a second where the signs are missing that each meta has before 6.15.
  const signed = kind.generation === "global" || identityOf(kind, source.probe(offset, 8)) > 0;
  return signed || agreement > 0.9 ? agreement : 0;
}

/** Whether either number of the geometry stands where a CPU's meta would have it: the quick look before the thorough one. */
function mentions(kind: LayoutKind, source: Probed, offset: number, geometry: Geometry): boolean {
  const at = offset + kind.numbersOffset;
  if (at + 8 > source.end) return false;
  const bytes = source.probe(at, 8);
  if (bytes.length < 8) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const { littleEndian } = kind.abi;
  return (
    view.getUint32(0, littleEndian) === geometry.subbufSize || view.getUint32(4, littleEndian) === geometry.nrSubbufs
  );
}

/** Whether buffers[] looks as if it had nrSubbufs entries: the last is one, and zeros follow. */
function buffersEndHere(kind: LayoutKind, source: Probed, geometry: Geometry, metaOffset: number): boolean {
  const last = lastBuffer(kind.abi, source, geometry, metaOffset);
  if (last === undefined) return false;
  // The first sub-buffer may have come to be the last of the ring; else a shorter buffers[] ended before these zeros.
  const start = metaOffset + geometry.cpuMetaSize;
  return last > 0 || !namesFirst(source, start, start + 4 * (geometry.nrSubbufs - 1));
}

/** Bytes of buffers[] that are looked at together. */
const WORDS = 4096;

/** Whether one of the words up to `end` is 0. */
function namesFirst(source: Probed, offset: number, end: number): boolean {
  for (let at = offset; at < end; at += WORDS) {
    const bytes = source.probe(at, Math.min(WORDS, end - at));
    for (let i = 0; i + 4 <= bytes.length; i += 4)
      if ((bytes[i]! | bytes[i + 1]! | bytes[i + 2]! | bytes[i + 3]!) === 0) return true;
  }
  return false;
}

export function metaAt(kind: LayoutKind, source: Probed, offset: number, size: number) {
  const bytes = source.probe(offset, size);
  if (bytes.length < size) return undefined;
  const table: StructTable<typeof RING_BUFFER_CPU_META.fields> = kind.cpuMeta;
  return readStruct(table, new Bytes(bytes, kind.abi, offset), 0).values;
}
