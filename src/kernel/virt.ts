import type { Layout } from "../image/detect.js";
import { layoutOf, RING_BUFFER_META } from "../ring/structs.js";
import { type Place, rbRangeMeta } from "./place.js";
import { Area, CpuMeta, cpuMetaLayout } from "./ring.js";

/**
 * Where the area lay in the writing boot: the address that most of the CPUs' metas agree with. first_buffer, head and
 * commit each count, so that one damaged field is outvoted. Null where nothing speaks for any address.
 */
export function guessVirtualStart(area: Area, place: Place): bigint | null {
  if (place.nrPages === null) return null;
  const nrSubbufs = place.nrPages + 1;
  const page = area.pageSize;
  const metas: { meta: CpuMeta; subbufs: number; newest: number }[] = [];
  for (let cpu = 0; cpu < place.nrCpus; cpu++) {
    const offset = rbRangeMeta(area, place, place.buffersOffset, nrSubbufs, cpu);
    if (offset + place.cpuLayout.size > area.size) break;
    const end = offset + place.cpuLayout.size + 4 * nrSubbufs;
    const subbufs = Math.ceil(end / page) * page;
    metas.push({
      meta: new CpuMeta(area, place.cpuLayout, offset),
      subbufs,
      newest: newestPage(area, subbufs, nrSubbufs),
    });
  }
  const votes = (start: bigint): number => {
    let sum = 0;
    for (const { meta, subbufs, newest } of metas) {
      const first = area.ulong(start + BigInt(subbufs));
      // The writer was on the page with the latest time: this tells addresses apart that differ by a few pages.
      if (newest >= 0 && meta.commitBuffer === area.ulong(first + BigInt(newest * page))) sum += 2;
      if (meta.firstBuffer === first) sum++;
      for (const address of [meta.headBuffer, meta.commitBuffer]) {
        const distance = address - first;
        if (distance >= 0n && distance < BigInt(page) * BigInt(nrSubbufs) && distance % BigInt(page) === 0n) sum++;
      }
    }
    return sum;
  };
  let best: bigint | null = null;
  let bestVotes = 0;
  const tried = new Set<bigint>();
  for (const { meta, subbufs } of metas) {
    const start = area.ulong(meta.firstBuffer - BigInt(subbufs));
    if (meta.firstBuffer === 0n || start % BigInt(page) !== 0n || tried.has(start) || tried.size >= 64) continue;
    tried.add(start);
    const count = votes(start);
    if (count > bestVotes) {
      best = start;
      bestVotes = count;
    }
  }
  return best;
}

/** Physical index of the sub-buffer with the latest time stamp; -1 where there is none. */
function newestPage(area: Area, subbufs: number, nrSubbufs: number): number {
  let newest = -1;
  let time = 0n;
  for (let index = 0; index < nrSubbufs; index++) {
    const at = subbufs + index * area.pageSize;
    if (at + 16 > area.size) break;
    const stamp = area.u64(at);
    if (stamp > time && area.long(at + 8) !== 0n) {
      newest = index;
      time = stamp;
    }
  }
  return newest;
}

/** The place that an image's own layout gives everything, for questions that do not depend on the kernel that boots. */
export function placeOfLayout(layout: Layout): Place {
  const { geometry } = layout;
  const kind = layout.generation === "per-cpu" ? "v1" : layout.inject ? "v2-inject" : "v2";
  const globalSize = kind === "v1" ? 0 : layoutOf(RING_BUFFER_META, layout.abi).size;
  return {
    cpuLayout: cpuMetaLayout(kind, layout.abi),
    globalSize,
    scratchSize: geometry.buffersOffset - globalSize,
    buffersOffset: geometry.buffersOffset,
    nrCpus: layout.nrCpus,
    nrPages: geometry.nrSubbufs - 1,
  };
}

/** The area's virtual start in the boot that wrote an image. */
export function virtualStartOf(image: { readonly layout: Layout }, bytes: Uint8Array): bigint | null {
  const { layout } = image;
  return guessVirtualStart(new Area(bytes, layout.abi, layout.geometry.subbufSize, 0n), placeOfLayout(layout));
}

/**
 * text_addr and data_addr of a generation 1 image: what most CPUs' metas hold. A reset CPU gets this boot's addresses,
 * which are the same unless the kernel moved (KASLR).
 */
export function guessTextAddresses(area: Area, place: Place): { text: bigint; data: bigint } {
  const counts = new Map<string, { text: bigint; data: bigint; count: number }>();
  if (place.cpuLayout.kind !== "v1" || place.nrPages === null) return { text: 0n, data: 0n };
  for (let cpu = 0; cpu < place.nrCpus; cpu++) {
    const offset = rbRangeMeta(area, place, place.buffersOffset, place.nrPages + 1, cpu);
    if (offset + place.cpuLayout.size > area.size) break;
    const text = area.long(offset + place.cpuLayout.textAddr);
    const data = area.long(offset + place.cpuLayout.dataAddr);
    if (text === 0n || data === 0n) continue;
    const key = `${text}/${data}`;
    const entry = counts.get(key) ?? { text, data, count: 0 };
    entry.count++;
    counts.set(key, entry);
  }
  let best = { text: 0n, data: 0n, count: 0 };
  for (const entry of counts.values()) if (entry.count > best.count) best = entry;
  return best;
}
