import { alignUp } from "../ground/abi.js";
import { NotAnImageError } from "../ground/errors.js";
import { MAX_CPUS } from "../ground/limits.js";
import type { CpuArea } from "../image/cpu-area.js";
import { mostBytes } from "../image/detect/places.js";
import { type Image, readImage, subbufBytes } from "../image/image.js";
import type { PhysicalMemory } from "../input/memory/physical.js";
import { MemoryWindow } from "../input/memory/window.js";
import { chunksEnd, cpuMetaOffset, type Geometry, nrSubbufsFor, subbufsOffset } from "../ring/geometry.js";
import { bootMetaSize, usualBuffersOffset } from "../ring/layouts.js";
import { layoutOf } from "../ring/structs.js";
import { isSoundSubbuf } from "../ring/subbuf.js";
import { chunkMeta, LOOKED_AT, type Sighting } from "./kinds.js";
import { PAGE } from "./sightings.js";

/** How sure it is that there is an area: its sizes, counts and addresses all fit each other, or enough of them do. */
export type Certainty = "proven" | "likely";

/** A persistent buffer in a machine's memory. */
export interface Area {
  readonly address: number;
  readonly image: Image;
  readonly certainty: Certainty;
}

export const isProven = ({ certainty }: Area): boolean => certainty === "proven";

/** The geometry that a CPU's meta tells. */
export function geometryOf({ kind, meta }: Sighting): Geometry {
  return {
    buffersOffset: usualBuffersOffset(kind, kind.abi),
    bootMetaSize: bootMetaSize(kind, kind.abi),
    cpuMetaSize: layoutOf(kind.cpuMeta, kind.abi).size,
    subbufSize: meta!.subbufSize,
    nrSubbufs: meta!.nrSubbufs,
  };
}

/**
 * The size of an area that says it nowhere: of those for which the kernel would give each CPU that many sub-buffers, the
 * roundest, since people ask for round ones.
 */
export function likelySize(geometry: Geometry, nrCpus: number): number {
  const end = chunksEnd(geometry, nrCpus);
  for (let round = 2 ** 30; round > PAGE; round /= 2) {
    const size = alignUp(end, round);
    if (nrSubbufsFor(size, nrCpus, geometry) === geometry.nrSubbufs) return size;
  }
  return alignUp(end, PAGE);
}

/** How many CPUs' metas follow each other from `address` on, where CPU 0's is sound. A damaged one may be among them. */
export function countChunks(memory: PhysicalMemory, sighting: Sighting): number {
  const geometry = geometryOf(sighting);
  const { kind, meta, address } = sighting;
  const start = meta!.firstBuffer - BigInt(subbufsOffset(geometry, geometry.buffersOffset));
  let count = 1;
  for (let cpu = 1; cpu < Math.min(MAX_CPUS, count + MAY_BE_DAMAGED); cpu++) {
    const offset = cpuMetaOffset(geometry, cpu);
    const there = chunkMeta(memory.read(address + offset, LOOKED_AT), kind);
    const first = start + BigInt(subbufsOffset(geometry, offset));
    if (there?.firstBuffer === first && there.nrSubbufs === geometry.nrSubbufs) count = cpu + 1;
  }
  return count;
}

/** Metas in a row that may be damaged. */
const MAY_BE_DAMAGED = 4;

/** The area of that size at that address; undefined where what lies there is none. */
export function areaAt(memory: PhysicalMemory, address: number, size: number): Area | undefined {
  const image = imageAt(memory, address, size);
  const certainty = image && certaintyOf(image);
  return certainty && { address, image: image!, certainty };
}

function imageAt(memory: PhysicalMemory, address: number, size: number): Image | undefined {
  if (size < 3 * PAGE || memory.read(address, 1).length === 0) return undefined;
  if (size > mostBytes(memory.ranges.at(-1)!.end - address)) return undefined;
  try {
    return readImage(new MemoryWindow(memory, address, size), { mayGuess: false });
  } catch (error) {
    if (error instanceof NotAnImageError) return undefined;
    throw error;
  }
}

/** Undefined where nothing but a header speaks for it: memory has copies of all kinds of pages. */
function certaintyOf(image: Image): Certainty | undefined {
  const { layout, cpus, virtualStart } = image;
  if (layout.score === Number.POSITIVE_INFINITY && !image.diagnostics.list.some(({ cpu }) => cpu !== undefined))
    return "proven";
  const damaged = new Set(image.diagnostics.list.map(({ cpu }) => cpu));
  if (virtualStart === undefined) return undefined;
  const sound = cpus.some((cpu) => cpu.meta !== undefined && !damaged.has(cpu.cpu) && hasSubbufs(image, cpu));
  return sound ? "likely" : undefined;
}

/** Of the places of a CPU's sub-buffers that hold something, so many are sub-buffers: a page of a scattered copy has none. */
const SHARE = 0.75;

function hasSubbufs(image: Image, cpu: CpuArea): boolean {
  let sound = 0;
  let held = 0;
  for (let index = 0; index < cpu.nrSubbufs; index++) {
    const scan = image.subbufs.scan(subbufBytes(image, cpu, index));
    if (scan.header.commit === 0n) continue;
    held++;
    if (isSoundSubbuf(scan)) sound++;
  }
  return sound >= SHARE * held;
}

/** Where an area lies, in words. */
export function areaIn({ format }: PhysicalMemory, { address, image }: Area): string {
  const place = format === "raw" ? "offset" : "physical";
  return `at ${place} 0x${address.toString(16)}, of ${image.source.size} bytes`;
}
