import { type Abi, alignUp } from "../ground/abi.js";
import { Bytes } from "../ground/bytes.js";
import { cpuMetaOffset, type Geometry, subbufsOffset } from "../ring/geometry.js";
import { isSoundSubbuf, SubbufReader } from "../ring/subbuf.js";
import type { Probed } from "./detect-probes.js";

/** CPUs whose buffers[] is looked at. */
const CPUS_LOOKED_AT = 64;
/** Sub-buffers of one size that are walked: a large input must not take long. */
const PAGES_LOOKED_AT = 2 ** 16;

/**
 * How well buffers[] of the CPUs, where the geometry puts it, names each of 0 to nrSubbufs - 1 once and ends there: 1 for
 * all of them. Nothing else in an area looks so, and a geometry with one sub-buffer more or less fails.
 */
export function buffersFit(abi: Abi, source: Probed, geometry: Geometry, nrCpus: number): number {
  const looked = Math.min(nrCpus, CPUS_LOOKED_AT);
  let sum = 0;
  for (let i = 0; i < looked; i++) {
    const cpu = looked === 1 ? 0 : Math.floor((i * (nrCpus - 1)) / (looked - 1));
    sum += permutationShare(abi, source, geometry, cpu);
    // Neither the first nor the second: wrong numbers of CPUs are many, and each costs reads.
    if (i === 1 && sum === 0) return 0;
  }
  return sum / looked;
}

function permutationShare(abi: Abi, source: Probed, geometry: Geometry, cpu: number): number {
  const { nrSubbufs } = geometry;
  const metaOffset = cpuMetaOffset(geometry, cpu);
  const at = metaOffset + geometry.cpuMetaSize;
  const room = subbufsOffset(geometry, metaOffset) - at;
  const bytes = new Bytes(source.probe(at, Math.min(room, 4 * nrSubbufs + 4)), abi, at);
  const entries = Math.min(nrSubbufs, Math.floor(bytes.length / 4));
  const seen = new Uint8Array(nrSubbufs);
  let named = 0;
  for (let id = 0; id < entries; id++) {
    const index = bytes.u32(4 * id);
    if (index < nrSubbufs && seen[index] === 0) {
      seen[index] = 1;
      named++;
    }
  }
  // Behind buffers[] comes nothing but zeros; a longer one goes on. In a shorter one zeros follow, which name 0 again.
  const goesOn = bytes.length >= 4 * nrSubbufs + 4 && bytes.u32(4 * nrSubbufs) !== 0;
  const last = entries === nrSubbufs && bytes.u32(4 * nrSubbufs - 4) < nrSubbufs;
  const share = named / nrSubbufs;
  return share > 0.5 && !goesOn && last ? share ** 4 : 0;
}

/** What the places of one machine and page size hold, added up from the start of the input. */
interface PageSums {
  /** Share of its room that each sub-buffer with a plausible header and sound records fills. */
  readonly filled: Float64Array;
  /** Places that hold something, but no sub-buffer. */
  readonly odd: Float64Array;
  /** Places that hold something. */
  readonly held: number;
  /** Sound sub-buffers by their time stamps. */
  readonly timed: readonly TimedPlace[];
}

/** A place, and the time from a sub-buffer's stamp to its last event. */
interface TimedPlace {
  readonly place: number;
  readonly time: bigint;
  readonly end: bigint;
}

/** Tells how well the places of sub-buffers hold sub-buffers. Looks at each place once, whatever the number of CPUs. */
export class PageEvidence {
  private readonly sums = new Map<string, PageSums>();

  constructor(private readonly source: Probed) {}

  /**
   * From -1 to 1: full sub-buffers that lie where the geometry puts some, less other bytes there, sub-buffers where it
   * has none, and those of one CPU that were written at the same time: a CPU fills one after another. Page sizes above the true one find sub-buffers too, but none that is full; those below find other bytes.
   */
  fit(abi: Abi, geometry: Geometry, nrCpus: number): number {
    const { subbufSize, nrSubbufs } = geometry;
    const { filled, odd, held, timed } = this.sumsOf(abi, subbufSize);
    const cpuOf = new Int16Array(filled.length).fill(-1);
    const end = filled.length - 1;
    const sum = (sums: Float64Array, from: number, to: number) => sums[Math.min(to, end)]! - sums[Math.min(from, end)]!;
    let good = 0;
    let bad = 0;
    for (let cpu = 0; cpu < nrCpus; cpu++) {
      const metaOffset = cpuMetaOffset(geometry, cpu);
      const first = subbufsOffset(geometry, metaOffset) / subbufSize;
      const meta = alignUp(metaOffset, subbufSize) / subbufSize;
      if (meta > end) break;
      good += sum(filled, first, first + nrSubbufs);
      bad += sum(odd, first, first + nrSubbufs) + sum(filled, meta, first);
      cpuOf.fill(cpu, first, first + nrSubbufs);
    }
    return (good - bad - overlaps(timed, cpuOf, nrCpus)) / Math.max(held, 1);
  }

  private sumsOf(abi: Abi, subbufSize: number): PageSums {
    const key = `${abi.littleEndian} ${abi.longSize} ${subbufSize}`;
    const known = this.sums.get(key);
    if (known) return known;
    const reader = new SubbufReader(abi, subbufSize);
    const places = Math.min(Math.floor(this.source.size / subbufSize), PAGES_LOOKED_AT);
    const filled = new Float64Array(places + 1);
    const odd = new Float64Array(places + 1);
    let held = 0;
    const timed: TimedPlace[] = [];
    for (let i = 0; i < places; i++) {
      const bytes = new Bytes(this.source.probe(i * subbufSize, subbufSize), abi, i * subbufSize);
      const scan = reader.scan(bytes);
      const { header, lastTime } = scan;
      const sound = isSoundSubbuf(scan);
      filled[i + 1] = filled[i]! + (sound ? header.size / reader.capacity : 0);
      odd[i + 1] = odd[i]! + (sound || header.commit === 0n ? 0 : 1);
      if (header.commit !== 0n) held++;
      if (sound && lastTime !== undefined) timed.push({ place: i, time: header.timeStamp, end: lastTime });
    }
    timed.sort((a, b) => (a.time < b.time ? -1 : 1));
    const sums = { filled, odd, held, timed };
    this.sums.set(key, sums);
    return sums;
  }
}

/** Sub-buffers that begin before an earlier one of the same CPU ends. */
function overlaps(timed: readonly TimedPlace[], cpuOf: Int16Array, nrCpus: number): number {
  const ends = new BigUint64Array(nrCpus);
  let count = 0;
  for (const { place, time, end } of timed) {
    const cpu = cpuOf[place]!;
    if (cpu < 0) continue;
    if (time < ends[cpu]!) count++;
    if (end > ends[cpu]!) ends[cpu] = end;
  }
  return count;
}
