import type { Image } from "../image/image.js";

/** A stretch of the area that differs, and what it is in the kernel's terms. */
export interface Change {
  readonly offset: number;
  readonly length: number;
  readonly what: string;
}

/** Changes listed before the rest is only counted. */
const MAX_CHANGES = 5000;
/** Differences closer than this are one. */
const JOIN = 8;

/** What is different between the image and another state of the same area, field by field. */
export function changesOf(
  image: Image,
  before: Uint8Array,
  after: Uint8Array,
): { bytes: number; list: Change[]; more: number } {
  const list: Change[] = [];
  let bytes = 0;
  let more = 0;
  let start = -1;
  let end = -1;
  let what = "";
  const flush = (): void => {
    if (start < 0) return;
    if (list.length < MAX_CHANGES) list.push({ offset: start, length: end - start, what });
    else more++;
    start = -1;
  };
  const length = Math.max(before.length, after.length);
  for (let i = 0; i < length; i++) {
    if (before[i] === after[i]) continue;
    bytes++;
    const here = start >= 0 && i - end < JOIN && what === nameOf(image, i) ? what : nameOf(image, i);
    if (start < 0 || i - end >= JOIN || here !== what) {
      flush();
      start = i;
      what = here;
    }
    end = i + 1;
  }
  flush();
  return { bytes, list, more };
}

/** The field or structure that a byte of the area belongs to. */
function nameOf(image: Image, at: number): string {
  const { geometry } = image.layout;
  if (at < geometry.buffersOffset) return headerName(image, at);
  for (const cpu of image.cpus) {
    const end = cpu.subbufsOffset + cpu.nrSubbufs * cpu.subbufSize;
    if (at < cpu.metaOffset || at >= end) continue;
    const name = `CPU ${cpu.cpu}`;
    if (at < cpu.buffersOffset) {
      const field = Object.entries(cpu.meta?.spans ?? {}).find(
        ([, span]) => at >= span.offset && at < span.offset + span.length,
      );
      return field ? `${name} meta: ${field[0]}` : `${name} meta`;
    }
    if (at < cpu.buffersOffset + 4 * cpu.nrSubbufs)
      return `${name} buffers[${Math.floor((at - cpu.buffersOffset) / 4)}]`;
    if (at < cpu.subbufsOffset) return `${name}, before the sub-buffers`;
    const index = Math.floor((at - cpu.subbufsOffset) / cpu.subbufSize);
    const inside = (at - cpu.subbufsOffset) % cpu.subbufSize;
    const part = inside < 8 ? " time_stamp" : inside < image.subbufs.headerSize ? " commit" : " data";
    return `${name} sub-buffer index ${index}${part}`;
  }
  return "left over";
}

function headerName(image: Image, at: number): string {
  const field = Object.entries(image.bootMeta?.spans ?? {}).find(
    ([, span]) => at >= span.offset && at < span.offset + span.length,
  );
  return field ? `boot meta: ${field[0]}` : "scratch";
}
