import type { Abi } from "../ground/abi.js";
import { placeOf, rbRangeMeta } from "./place.js";
import { Area } from "./ring.js";
import type { KernelBehaviour } from "./versions.js";

/**
 * Whether the writer was built with CONFIG_RING_BUFFER_PERSISTENT_INJECT, whose CPU metas have two fields more. The
 * header's struct_sizes says so, but it may be the damage: the buffers[] arrays, read both ways, decide.
 */
export function writtenWithInject(
  behaviour: KernelBehaviour,
  bytes: Uint8Array,
  abi: Abi,
  pageSize: number,
  nrCpus: number,
): boolean {
  if (behaviour.generation === 1 || bytes.length < 8) return false;
  const area = new Area(bytes, abi, pageSize, 0n);
  const plain = orderedEntries(behaviour, area, nrCpus, false);
  const inject = orderedEntries(behaviour, area, nrCpus, true);
  if (plain !== inject) return inject > plain;
  return area.u32(4) === (abi.longSize === 8 ? 0x00180028 : 0x0010001c);
}

/** How many entries of all buffers[] are in range and not named before. */
function orderedEntries(behaviour: KernelBehaviour, area: Area, nrCpus: number, inject: boolean): number {
  const place = placeOf(behaviour, area, nrCpus, inject);
  if (place.nrPages === null) return 0;
  const nrSubbufs = place.nrPages + 1;
  let good = 0;
  for (let cpu = 0; cpu < nrCpus; cpu++) {
    const at = rbRangeMeta(area, place, place.buffersOffset, nrSubbufs, cpu) + place.cpuLayout.size;
    if (at + 4 * nrSubbufs > area.size) break;
    const seen = new Uint8Array(nrSubbufs);
    for (let id = 0; id < nrSubbufs; id++) {
      const index = area.u32(at + 4 * id);
      if (index >= nrSubbufs || seen[index]) continue;
      seen[index] = 1;
      good++;
    }
  }
  return good;
}
