import { chunksEnd, cpuMetaOffset, subbufsOffset } from "../ring/geometry.js";
import type { Layout } from "./detect/layout-kinds.js";

/** Where an image ends before its area does: the file was cut short. */
export interface Cut {
  /** Bytes that are there, and bytes of the area. */
  readonly size: number;
  readonly areaSize: number;
  /** The area may be larger, and have more CPUs: before 6.15 its size is stored nowhere. */
  readonly atLeast: boolean;
  /** The CPUs that are not whole, and their first sub-buffer (physical index) that is missing in whole or in part. */
  readonly cpus: readonly { readonly cpu: number; readonly fromSubbuf: number }[];
}

/** What is missing of a layout in an input of `size` bytes; undefined where nothing is. */
export function cutOf({ generation, geometry, nrCpus, totalSize }: Layout, size: number): Cut | undefined {
  if (size >= totalSize) return undefined;
  const cpus: Cut["cpus"][number][] = [];
  for (let cpu = 0; cpu < nrCpus; cpu++) {
    if (chunksEnd(geometry, cpu + 1) <= size) continue;
    const first = subbufsOffset(geometry, cpuMetaOffset(geometry, cpu));
    cpus.push({ cpu, fromSubbuf: Math.max(0, Math.floor((size - first) / geometry.subbufSize)) });
  }
  return { size, areaSize: totalSize, atLeast: generation === "per-cpu", cpus };
}

/** The cut in words. */
export function cutText(cut: Cut): string {
  const area = `${cut.atLeast ? "at least " : ""}${cut.areaSize}`;
  return `the file ends at ${cut.size} of ${area} bytes: ${missingText(cut)} missing; copy it again`;
}

function missingText({ cpus }: Cut): string {
  // Chunks follow each other: the first can be there in part, the rest are missing whole.
  const part = cpus[0] && cpus[0].fromSubbuf > 0 ? cpus[0] : undefined;
  const whole = part ? cpus.slice(1) : cpus;
  const [first, last] = [whole[0], whole.at(-1)];
  const names = whole.length > 1 ? `CPUs ${first!.cpu} to ${last!.cpu}` : first && `CPU ${first.cpu}`;
  if (part)
    return `CPU ${part.cpu} from sub-buffer ${part.fromSubbuf} on ${names === undefined ? "is" : `and ${names} are`}`;
  if (names === undefined) return "only what lies behind the last sub-buffer is";
  return `${names} ${whole.length > 1 ? "are" : "is"}`;
}
