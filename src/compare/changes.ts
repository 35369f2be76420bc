import type { Image } from "../image/image.js";
import type { CopyOnWrite } from "../input/copy-on-write.js";
import type { Span } from "../ring/structs.js";
import { COMMIT_OFFSET } from "../ring/subbuf.js";

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
export function changesOf(image: Image, area: CopyOnWrite): { bytes: number; list: Change[]; more: number } {
  const list: Change[] = [];
  let bytes = 0;
  let more = 0;
  let start = -1;
  let end = -1;
  let what = "";
  let region: Region = { what, to: 0 };
  const flush = (): void => {
    if (start < 0) return;
    if (list.length < MAX_CHANGES) list.push({ offset: start, length: end - start, what });
    else more++;
    start = -1;
  };
  for (const { at, length } of area.touched()) {
    const before = area.lookBefore(at, length);
    const after = area.look(at, length);
    if (Buffer.compare(before, after) === 0) continue;
    for (let i = 0; i < length; i++) {
      if (before[i] === after[i]) continue;
      const place = at + i;
      bytes++;
      if (place >= region.to) region = regionAt(image, place);
      if (start < 0 || place - end >= JOIN || region.what !== what) {
        flush();
        start = place;
        what = region.what;
      }
      end = place + 1;
    }
  }
  flush();
  return { bytes, list, more };
}

/** What a byte belongs to, and where that ends. */
interface Region {
  readonly what: string;
  readonly to: number;
}

/** The field or structure that a byte of the area belongs to. */
function regionAt(image: Image, at: number): Region {
  const { geometry } = image.layout;
  if (at < geometry.buffersOffset) {
    const field = fieldAt(image.bootMeta?.spans, at);
    return field ? { ...field, what: `boot ${field.what}` } : { what: "scratch", to: geometry.buffersOffset };
  }
  for (const cpu of image.cpus) {
    const end = cpu.subbufsOffset + cpu.nrSubbufs * cpu.subbufSize;
    if (at < cpu.metaOffset || at >= end) continue;
    const name = `CPU ${cpu.cpu}`;
    if (at < cpu.buffersOffset) {
      const field = fieldAt(cpu.meta?.spans, at);
      return field ? { ...field, what: `${name} ${field.what}` } : { what: `${name} meta`, to: at + 1 };
    }
    if (at < cpu.buffersOffset + 4 * cpu.nrSubbufs) {
      const id = Math.floor((at - cpu.buffersOffset) / 4);
      return { what: `${name} buffers[${id}]`, to: cpu.buffersOffset + 4 * (id + 1) };
    }
    if (at < cpu.subbufsOffset) return { what: `${name}, before the sub-buffers`, to: cpu.subbufsOffset };
    const index = Math.floor((at - cpu.subbufsOffset) / cpu.subbufSize);
    const start = cpu.subbufsOffset + index * cpu.subbufSize;
    const { headerSize } = image.subbufs;
    const [part, length] =
      at < start + COMMIT_OFFSET
        ? ["time_stamp", 8]
        : at < start + headerSize
          ? ["commit", headerSize]
          : ["data", cpu.subbufSize];
    return { what: `${name} sub-buffer index ${index} ${part}`, to: start + length };
  }
  return { what: "left over", to: Infinity };
}

function fieldAt(spans: Readonly<Record<string, Span>> | undefined, at: number): Region | undefined {
  const field = Object.entries(spans ?? {}).find(([, span]) => at >= span.offset && at < span.offset + span.length);
  return field && { what: `meta: ${field[0]}`, to: field[1].offset + field[1].length };
}
