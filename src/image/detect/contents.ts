import { type Abi, alignUp } from "../../ground/abi.js";
import { Bytes } from "../../ground/bytes.js";
import { cpuMetaOffset, type Geometry, subbufsOffset } from "../../ring/geometry.js";
import { isSoundSubbuf, SubbufReader } from "../../ring/subbuf.js";
import type { Probed } from "./probes.js";

/** CPUs whose buffers[] is looked at. */
const CPUS_LOOKED_AT = 64;
/** Sub-buffers of one size that are walked: a large input must not take long. */
const PAGES_LOOKED_AT = 2 ** 16;

/** Of a buffers[] that is believed, more than this share of the entries is right. */
const MOST_DAMAGED = 0.5;
/** What sub-buffers say for a CPU whose buffers[] is lost: a little less than that would. */
const BORNE_OUT = 0.99;
const NOTHING = { all: 0, found: 0 };
/** Bytes of buffers[] that are looked at together, and at first. */
const WORDS = 4096;
const FIRST_WORDS = 64;

/**
 * How well buffers[] of the CPUs, where a geometry puts it, names each of 0 to nrSubbufs - 1 once and ends there. Nothing
 * else in an area looks so, and a geometry with one sub-buffer more or less fails.
 */
export class BuffersEvidence {
  private readonly shares = new Map<number, number>();
  /** The input ends before the second CPU's part. */
  private readonly alone: boolean;

  /** @param pages undefined where every entry of each must be right: what does not fit wholly does not fit at all */
  constructor(
    private readonly abi: Abi,
    private readonly source: Probed,
    private readonly geometry: Geometry,
    private readonly pages: PageEvidence | undefined,
  ) {
    this.alone = cpuMetaOffset(geometry, 1) >= source.end;
  }

  /**
   * What speaks for so many CPUs: 1 where all of them do, 0 where no buffers[] is right. Where one is lost, or damaged, its
   * sub-buffers speak for it: else a larger page size would win, with fewer CPUs and as many sub-buffers of each.
   */
  fit(nrCpus: number): { readonly all: number; readonly found: number } {
    const { abi, geometry, pages } = this;
    const looked = Math.min(nrCpus, CPUS_LOOKED_AT);
    let found = 0;
    let all = 0;
    for (let i = 0; i < looked; i++) {
      const cpu = looked === 1 ? 0 : Math.floor((i * (nrCpus - 1)) / (looked - 1));
      const share = this.shareOf(cpu);
      const right = share ** 4;
      found += right;
      // Neither the first nor the second: wrong numbers of CPUs are many, and each costs reads.
      if ((pages === undefined && share === 0) || (i === 1 && found === 0)) return NOTHING;
      all +=
        share === 1 || pages === undefined ? right : Math.max(right, BORNE_OUT * pages.soundShare(abi, geometry, cpu));
    }
    return found === 0 ? NOTHING : { all: all / looked, found: found / looked };
  }

  private shareOf(cpu: number): number {
    if (cpu > 0 && this.alone) return 0;
    let share = this.shares.get(cpu);
    if (share === undefined) {
      share = this.permutationShare(cpu);
      this.shares.set(cpu, share);
    }
    return share;
  }

  /** The share of buffers[] that names a sub-buffer which no entry before it names; 0 where that is too little, or it is longer. */
  private permutationShare(cpu: number): number {
    const { abi, source, geometry, pages } = this;
    const { nrSubbufs } = geometry;
    const metaOffset = cpuMetaOffset(geometry, cpu);
    // What costs least comes first: most geometries are wrong, and the input holds little of what a damaged header names.
    if (lastBuffer(abi, source, geometry, metaOffset) === undefined) return 0;
    const start = metaOffset + geometry.cpuMetaSize;
    const end = start + 4 * nrSubbufs;
    const mayBeWrong = pages === undefined ? 0 : nrSubbufs * MOST_DAMAGED;
    const seen = new Uint8Array(nrSubbufs);
    let wrong = 0;
    for (let at = start, length = FIRST_WORDS; at < end; at += length, length = WORDS) {
      const bytes = new Bytes(source.probe(at, Math.min(length, end - at)), abi, at);
      if (bytes.length < Math.min(length, end - at)) return 0;
      for (let i = 0; i + 4 <= bytes.length; i += 4) {
        const index = bytes.u32(i);
        if (index >= nrSubbufs || seen[index] !== 0) wrong++;
        else seen[index] = 1;
      }
      if (wrong > mayBeWrong) return 0;
    }
    return wrong < nrSubbufs * MOST_DAMAGED ? (nrSubbufs - wrong) / nrSubbufs : 0;
  }
}

/** The last entry of buffers[], where it can be one and nothing but zeros comes behind it; undefined where it does not end there. */
export function lastBuffer(abi: Abi, source: Probed, geometry: Geometry, metaOffset: number): number | undefined {
  const { cpuMetaSize, nrSubbufs } = geometry;
  const at = metaOffset + cpuMetaSize + 4 * (nrSubbufs - 1);
  if (at + 4 > source.end) return undefined;
  const bytes = new Bytes(source.probe(at, 8), abi, at);
  if (bytes.length < 4) return undefined;
  const last = bytes.u32(0);
  const room = bytes.length >= 8 && at + 8 <= subbufsOffset(geometry, metaOffset);
  return last >= nrSubbufs || (room && bytes.u32(4) !== 0) ? undefined : last;
}

/** What the places of one machine and page size hold, added up from the start of the input. */
interface PageSums {
  /** Share of its room that each sub-buffer with a plausible header and sound records fills. */
  readonly filled: Float64Array;
  /** Places that hold something, but no sub-buffer. */
  readonly odd: Float64Array;
  /** Places that hold something. */
  readonly held: Float64Array;
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
    return (good - bad - overlaps(timed, cpuOf, nrCpus)) / Math.max(held[end]!, 1);
  }

  /** The share of a CPU's sub-buffers that are sound among those that hold something; 1 where none does. */
  soundShare(abi: Abi, geometry: Geometry, cpu: number): number {
    const { subbufSize, nrSubbufs } = geometry;
    const { odd, held } = this.sumsOf(abi, subbufSize);
    const first = subbufsOffset(geometry, cpuMetaOffset(geometry, cpu)) / subbufSize;
    const some = sum(held, first, first + nrSubbufs);
    return some === 0 ? 1 : 1 - sum(odd, first, first + nrSubbufs) / some;
  }

  private sumsOf(abi: Abi, subbufSize: number): PageSums {
    const key = `${abi.littleEndian} ${abi.longSize} ${subbufSize}`;
    const known = this.sums.get(key);
    if (known) return known;
    const reader = new SubbufReader(abi, subbufSize);
    const places = Math.min(Math.floor(this.source.size / subbufSize), PAGES_LOOKED_AT);
    const filled = new Float64Array(places + 1);
    const odd = new Float64Array(places + 1);
    const held = new Float64Array(places + 1);
    const timed: TimedPlace[] = [];
    for (let i = 0; i < places; i++) {
      const bytes = new Bytes(this.source.probe(i * subbufSize, subbufSize), abi, i * subbufSize);
      const scan = reader.scan(bytes);
      const { header, lastTime } = scan;
      const sound = isSoundSubbuf(scan);
      filled[i + 1] = filled[i]! + (sound ? header.size / reader.capacity : 0);
      odd[i + 1] = odd[i]! + (sound || header.commit === 0n ? 0 : 1);
      held[i + 1] = held[i]! + (header.commit === 0n ? 0 : 1);
      if (sound && lastTime !== undefined) timed.push({ place: i, time: header.timeStamp, end: lastTime });
    }
    timed.sort((a, b) => (a.time < b.time ? -1 : 1));
    const sums = { filled, odd, held, timed };
    this.sums.set(key, sums);
    return sums;
  }
}

/** What sums say of the places from one up to another; behind the last there is nothing. */
function sum(sums: Float64Array, from: number, to: number): number {
  const end = sums.length - 1;
  return sums[Math.min(to, end)]! - sums[Math.min(from, end)]!;
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
