import type { Image } from "./image.js";

/** A piece of the area, and which mapping shows it. */
export interface Region {
  readonly what: "boot meta" | "scratch" | "cpu meta" | "alignment" | "sub-buffers" | "left over";
  readonly cpu: number | undefined;
  readonly offset: number;
  readonly length: number;
  /** The CPU whose mapping shows it; undefined: no mapping ever does. */
  readonly mappedByCpu: number | undefined;
}

/** The whole area, piece by piece: only sub-buffers are ever mapped, each CPU's through its own file. */
export function regions(image: Image): Region[] {
  const { layout, bootMeta } = image;
  const found: Region[] = [];
  const add = (what: Region["what"], cpu: number | undefined, offset: number, end: number): void => {
    if (end > offset)
      found.push({ what, cpu, offset, length: end - offset, mappedByCpu: what === "sub-buffers" ? cpu : undefined });
  };
  const first = layout.geometry.buffersOffset;
  const metaEnd = bootMeta ? bootMeta.span.offset + bootMeta.span.length : 0;
  add("boot meta", undefined, 0, metaEnd);
  add("scratch", undefined, metaEnd, first);
  let end = first;
  for (const cpu of image.cpus) {
    add("alignment", cpu.cpu, end, cpu.metaOffset);
    const buffersEnd = cpu.buffersOffset + 4 * cpu.nrSubbufs;
    add("cpu meta", cpu.cpu, cpu.metaOffset, buffersEnd);
    add("alignment", cpu.cpu, buffersEnd, cpu.subbufsOffset);
    end = cpu.subbufsOffset + cpu.nrSubbufs * cpu.subbufSize;
    add("sub-buffers", cpu.cpu, cpu.subbufsOffset, end);
  }
  add("left over", undefined, end, Math.max(end, layout.totalSize));
  return found;
}
