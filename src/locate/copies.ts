import type { Area } from "./area.js";
import type { Trace } from "./traces.js";

/** Whether an area is the one that the kernel wrote to, or a copy of it somewhere in memory. */
export type AreaRole = "original" | "copy" | undefined;

const GIB = 1n << 30n;

/**
 * Tells originals from copies: a copy has the addresses of what it was copied from, so of areas with the same virtual
 * start at most one can be the original. It is the one that the direct map has there (its addresses lie whole gigabytes
 * from the physical ones: x86's 1 GiB alignment of page_offset_base, without KASLR and with it), or where the console says
 * that the kernel mapped it. An area alone is
 * original; where nothing tells, undefined.
 */
export function rolesOfAreas(areas: readonly Area[], traces: readonly Trace[] = []): AreaRole[] {
  const mapped = new Set(traces.map(({ area }) => area));
  return areas.map((area) => {
    const same = areas.filter(({ image }) => image.virtualStart === area.image.virtualStart);
    if (same.length === 1 || area.image.virtualStart === undefined) return same.length === 1 ? "original" : undefined;
    const named = same.filter(({ address }) => mapped.has(address));
    const direct = named.length === 1 ? named : same.filter(inDirectMap);
    if (direct.length !== 1) return undefined;
    return direct[0] === area ? "original" : "copy";
  });
}

function inDirectMap({ address, image: { virtualStart } }: Area): boolean {
  return virtualStart !== undefined && (virtualStart - BigInt(address)) % GIB === 0n;
}
