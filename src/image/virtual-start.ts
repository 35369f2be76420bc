import { Bytes } from "../ground/bytes.js";
import type { Source } from "../input/source.js";
import { cpuMetaOffset, subbufIndexAt, subbufsOffset } from "../ring/geometry.js";
import { SubbufReader } from "../ring/subbuf.js";
import { isFarBehind } from "../ring/time-span.js";
import type { CpuMetaRead } from "./cpu-meta.js";
import type { Layout } from "./detect/layout-kinds.js";

/** What one CPU says about where the area lay. */
interface Witness {
  readonly meta: NonNullable<CpuMetaRead>;
  /** Where its buffers[] lies in the area. */
  readonly buffers: number;
  /** Where its sub-buffers begin in the area. */
  readonly subbufs: bigint;
}

/** Enough CPUs to outvote the damaged ones. */
const MAX_WITNESSES = 64;

/**
 * Where the area lay in the writing boot: the address that most of the CPUs' metas agree with, since any of their
 * fields may be damaged. Where they do not all name the same one, the sub-buffers' times have a vote as well: addresses
 * a few pages apart explain head and commit equally well. Undefined where nothing speaks for any address.
 */
export function virtualStartOf(source: Source, layout: Layout, metas: readonly CpuMetaRead[]): bigint | undefined {
  const { abi, geometry } = layout;
  const long = (value: bigint): bigint => BigInt.asUintN(8 * abi.longSize, value);
  const witnesses: Witness[] = [];
  metas.slice(0, MAX_WITNESSES).forEach((meta, cpu) => {
    const at = cpuMetaOffset(geometry, cpu);
    const buffers = at + geometry.cpuMetaSize;
    if (meta) witnesses.push({ meta, buffers, subbufs: BigInt(subbufsOffset(geometry, at)) });
  });
  const lastCpu = subbufsOffset(geometry, cpuMetaOffset(geometry, metas.length - 1));
  /** The area must end within the address space. */
  const highest = (1n << BigInt(8 * abi.longSize)) - BigInt(lastCpu + geometry.nrSubbufs * geometry.subbufSize);
  const candidates = new Set<bigint>();
  for (const { meta, subbufs } of witnesses) {
    const start = long(meta.values.first_buffer - subbufs);
    const isPlace = start % BigInt(geometry.subbufSize) === 0n && start <= highest;
    if (meta.values.first_buffer !== 0n && isPlace) candidates.add(start);
  }
  const newest = candidates.size > 1 ? witnesses.map((witness) => newestSubbuf(source, layout, witness)) : [];
  const votesFor = (start: bigint): number => {
    let votes = 0;
    witnesses.forEach(({ meta: { values }, subbufs }, i) => {
      const first = long(start + subbufs);
      const indexOf = (address: bigint) => subbufIndexAt(geometry, address - first);
      if (values.first_buffer === first) votes++;
      if (indexOf(values.head_buffer) !== undefined) votes++;
      const commit = indexOf(values.commit_buffer);
      if (commit !== undefined) votes++;
      if (commit !== undefined && commit === newest[i]) votes += 2;
    });
    return votes;
  };
  let best: bigint | undefined;
  let most = 0;
  for (const start of candidates) {
    const votes = votesFor(start);
    if (votes > most) {
      best = start;
      most = votes;
    }
  }
  return best;
}

/**
 * Physical index of the sub-buffer with the latest time: the writer was on it. A time stamp that stands out among those
 * beside it in the ring is damaged, and so is one of a reader page so late that it has nothing to do with the others.
 */
function newestSubbuf(source: Source, { abi, geometry }: Layout, { buffers, subbufs }: Witness): number | undefined {
  const reader = new SubbufReader(abi, geometry.subbufSize);
  const entries = new Bytes(source.read(buffers, 4 * geometry.nrSubbufs), abi);
  const timeOf = (index: number): bigint => {
    const bytes = source.probe(Number(subbufs) + index * geometry.subbufSize, reader.headerSize);
    if (bytes.length < reader.headerSize) return 0n;
    const { timeStamp, commit } = reader.header(new Bytes(bytes, abi));
    return commit === 0n ? 0n : timeStamp;
  };
  const ring: { readonly index: number; readonly time: bigint }[] = [];
  for (let id = 1; 4 * id + 4 <= entries.length; id++) {
    const index = entries.i32(4 * id);
    if (index < 0 || index >= geometry.nrSubbufs) continue;
    const time = timeOf(index);
    if (time > 0n) ring.push({ index, time });
  }
  const standsOut = (i: number): boolean => ring.length > 2 && ring.at(i - 1)!.time < ring[(i + 1) % ring.length]!.time;
  let newest: (typeof ring)[number] | undefined;
  ring.forEach((page, i) => {
    if (page.time > (newest?.time ?? 0n) && !standsOut(i)) newest = page;
  });
  const readerPage = entries.length >= 4 ? entries.i32(0) : -1;
  if (readerPage < 0 || readerPage >= geometry.nrSubbufs) return newest?.index;
  // Where the whole ring was read, the writer is on the reader page.
  const time = timeOf(readerPage);
  if (newest === undefined) return time > 0n ? readerPage : undefined;
  let first = newest.time;
  for (const page of ring) if (page.time < first) first = page.time;
  return time > newest.time && !isFarBehind({ first, last: newest.time }, time) ? readerPage : newest.index;
}
