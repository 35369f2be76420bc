import { MAX_CPUS, MAX_SUBBUF_SIZE, MIN_NR_SUBBUFS, MIN_SUBBUF_SIZE } from "../../ground/limits.js";
import { chunksEnd, cpuMetaOffset, type Geometry, nrSubbufsFor, subbufsOffset } from "../../ring/geometry.js";
import { chosenGeometries } from "./chosen.js";
import { agrees, layout, metaAt } from "./judge.js";
import type { Layout, LayoutKind } from "./layout-kinds.js";
import { places } from "./places.js";
import type { Probed } from "./probes.js";
import { MAX_CPUS_UNSIGNED, type Search } from "./search.js";
import { BOTH_SIGNS, identityOf } from "./signs.js";

/** The plain way: the first CPU's meta says how many sub-buffers there are, and of what size. */
export function* statedLayouts(search: Search, kind: LayoutKind, identity: number): Generator<Layout> {
  const { source, start, writerCpus } = search;
  for (const { place, totalSize } of places(kind, source, start)) {
    const meta = metaAt(kind, source, place.buffersOffset, place.cpuMetaSize);
    if (!meta || !isSubbufSize(meta.subbuf_size) || meta.nr_subbufs < MIN_NR_SUBBUFS) continue;
    const geometry = { ...place, subbufSize: meta.subbuf_size, nrSubbufs: meta.nr_subbufs };
    const cutOff = sizeByMetas(kind, source, geometry, identity);
    const size = cutOff === undefined ? totalSize : { bytes: cutOff, stated: false, cutOff: true };
    const nrCpus = writerCpus ?? countCpus(kind, source, geometry, size.bytes);
    if (chunksEnd(geometry, nrCpus) > size.bytes) continue;
    yield layout(kind, source, { geometry, nrCpus, size, identity });
  }
}

/**
 * Where the first CPU's meta cannot be believed: the number of sub-buffers follows from the number of CPUs, as the
 * kernel computes it. The other CPUs' metas, found where that puts them, decide.
 */
export function* impliedLayouts(search: Search, kind: LayoutKind, identity: number): Generator<Layout> {
  const { source } = search;
  const maxCpus = identity > 0 ? MAX_CPUS : MAX_CPUS_UNSIGNED;
  for (const { geometry, fewest, most, size } of chosenGeometries(search, kind, maxCpus)) {
    const first = agrees(kind, source, geometry, 0) > 0;
    const second = first || (most > 1 && agrees(kind, source, geometry, 1) > 0);
    for (let nrCpus = fewest; nrCpus <= most; nrCpus++) {
      const told = first || (nrCpus > 1 && (second || agrees(kind, source, geometry, nrCpus - 1) > 0));
      // Where the metas tell of more than the input holds, the plain way has it.
      if (told && sizeByMetas(kind, source, geometry, identity) === undefined)
        yield layout(kind, source, { geometry, nrCpus, size, identity });
    }
  }
}

/**
 * Before 6.15 no size is stored, but a meta whose sub-buffers end behind the input tells that the input was cut off: the
 * area has at least the bytes up to their end. Undefined where none does. Only a meta that is whole and signed counts,
 * and behind the first one only one whose address is as far from the first's as it lies.
 */
function sizeByMetas(kind: LayoutKind, source: Probed, geometry: Geometry, identity: number): number | undefined {
  if (kind.generation !== "per-cpu" || identity < BOTH_SIGNS || agrees(kind, source, geometry, 0) < 0.99) return;
  const placeOf = (cpu: number) => subbufsOffset(geometry, cpuMetaOffset(geometry, cpu));
  const firstBuffer = (cpu: number) =>
    metaAt(kind, source, cpuMetaOffset(geometry, cpu), geometry.cpuMetaSize)?.first_buffer;
  const start = firstBuffer(0)! - BigInt(placeOf(0));
  let metas = 1;
  for (let cpu = 1; cpu < MAX_CPUS && cpuMetaOffset(geometry, cpu) < source.size; cpu++) {
    const signed = identityOf(kind, source.probe(cpuMetaOffset(geometry, cpu), 8)) === BOTH_SIGNS;
    if (signed && firstBuffer(cpu) === start + BigInt(placeOf(cpu))) metas = cpu + 1;
  }
  const end = chunksEnd(geometry, metas);
  return end > source.size ? end : undefined;
}

/**
 * The number of CPUs is stored nowhere: it is what makes the kernel give each CPU this many sub-buffers, and at least
 * as many as there are metas.
 */
function countCpus(kind: LayoutKind, source: Probed, geometry: Geometry, totalSize: number): number {
  let most = 1;
  while (most < MAX_CPUS && chunksEnd(geometry, most + 1) <= totalSize) most++;
  let metas = 1;
  for (let cpu = 1; cpu < most; cpu++) if (agrees(kind, source, geometry, cpu) >= 0.6) metas = cpu + 1;
  for (let cpus = metas; cpus <= most; cpus++)
    if (nrSubbufsFor(totalSize, cpus, geometry) === geometry.nrSubbufs) return cpus;
  return metas;
}

function isSubbufSize(size: number): boolean {
  return size >= MIN_SUBBUF_SIZE && size <= MAX_SUBBUF_SIZE && (size & (size - 1)) === 0;
}
