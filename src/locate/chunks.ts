import { Bytes } from "../ground/bytes.js";
import type { PhysicalMemory } from "../input/memory/physical.js";
import { cpuMetaOffset, type Geometry } from "../ring/geometry.js";
import { isSoundSubbuf, SubbufReader } from "../ring/subbuf.js";
import { type Area, areaAt, geometryOf, likelySize } from "./area.js";
import type { Sighting } from "./kinds.js";

/**
 * Areas that are known by the metas of their CPUs: those from before 6.15, and later ones whose beginning is destroyed.
 * The metas of one area say the same sizes, and their addresses are as far apart as they lie.
 * @param isTaken whether a stretch of memory is known to be another area's; asked for each area when it is its turn
 */
export function* areasOfChunks(
  memory: PhysicalMemory,
  chunks: readonly Sighting[],
  isTaken: (start: number, end: number) => boolean,
): Generator<Area> {
  const groups = new Map<string, Sighting[]>();
  for (const chunk of chunks) {
    const { kind, meta, address } = chunk;
    const { cpuMetaSize } = geometryOf(chunk);
    const key = [kind.since, kind.inject, kind.abi.littleEndian, kind.abi.longSize, cpuMetaSize];
    const group = `${[...key, meta!.subbufSize, meta!.nrSubbufs]} ${meta!.firstBuffer - BigInt(address)}`;
    const members = groups.get(group);
    if (members) members.push(chunk);
    else groups.set(group, [chunk]);
  }
  for (const group of groups.values()) {
    const area = areaOf(memory, group, isTaken);
    if (area !== undefined) yield area;
  }
}

/** @param group by address */
function areaOf(
  memory: PhysicalMemory,
  group: readonly Sighting[],
  isTaken: (start: number, end: number) => boolean,
): Area | undefined {
  const first = group[0]!;
  const geometry = geometryOf(first);
  const stride = cpuMetaOffset(geometry, 2) - cpuMetaOffset(geometry, 1);
  const global = first.kind.generation === "global";
  // CPU 0's meta lies behind a boot meta, not at a page's start.
  let cpu = global ? 1 : 0;
  // Right before a CPU's part end the sub-buffers of the CPU before, where there is one.
  const subbufs = geometry.nrSubbufs * geometry.subbufSize;
  let at = global ? first.address - stride : first.address;
  while (cpu < MOST_LOST_CPUS && !isTaken(at - subbufs, at) && holdsSubbufs(memory, first, geometry, at - subbufs)) {
    at -= stride;
    cpu++;
  }
  const start = first.address - cpuMetaOffset(geometry, cpu);
  const last = cpu + Math.round((group.at(-1)!.address - first.address) / stride);
  const size = likelySize(geometry, last + 1);
  return start >= 0 ? areaAt(memory, start, size) : undefined;
}

/** CPUs before the first whose meta is left. */
const MOST_LOST_CPUS = 256;
/** Of the places of a CPU's sub-buffers that hold something, so many must be sub-buffers. */
const SHARE = 0.5;

/** Whether sub-buffers lie where a CPU's should. */
function holdsSubbufs(memory: PhysicalMemory, { kind }: Sighting, geometry: Geometry, start: number): boolean {
  if (start < 0) return false;
  const reader = new SubbufReader(kind.abi, geometry.subbufSize);
  let sound = 0;
  let held = 0;
  for (let i = 0; i < geometry.nrSubbufs; i++) {
    const page = memory.read(start + i * geometry.subbufSize, geometry.subbufSize);
    if (page.length < geometry.subbufSize) continue;
    const scan = reader.scan(new Bytes(page, kind.abi));
    if (scan.header.commit === 0n) continue;
    held++;
    if (isSoundSubbuf(scan)) sound++;
  }
  return sound >= 2 && sound >= SHARE * held;
}
