import { Bytes } from "../ground/bytes.js";
import type { Source } from "../input/source.js";
import { cpuMetaOffset, subbufIndexAt, subbufsOffset } from "../ring/geometry.js";
import { SubbufReader } from "../ring/subbuf.js";
import type { CpuMetaRead } from "./cpu-meta.js";
import type { Layout } from "./detect.js";

/** What one CPU says about where the area lay. */
interface Witness {
  readonly meta: NonNullable<CpuMetaRead>;
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
    if (meta) witnesses.push({ meta, subbufs: BigInt(subbufsOffset(geometry, cpuMetaOffset(geometry, cpu))) });
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
  const newest =
    candidates.size > 1 ? witnesses.map(({ subbufs }) => newestSubbuf(source, layout, Number(subbufs))) : [];
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

/** Physical index of the sub-buffer with the latest time: the writer was on it. */
function newestSubbuf(source: Source, { abi, geometry }: Layout, subbufs: number): number | undefined {
  const reader = new SubbufReader(abi, geometry.subbufSize);
  let newest: number | undefined;
  let time = 0n;
  for (let index = 0; index < geometry.nrSubbufs; index++) {
    const bytes = source.probe(subbufs + index * geometry.subbufSize, reader.headerSize);
    if (bytes.length < reader.headerSize) continue;
    const header = reader.header(new Bytes(bytes, abi));
    if (header.timeStamp > time && header.commit !== 0n) {
      newest = index;
      time = header.timeStamp;
    }
  }
  return newest;
}
