import { subbufHeaderSize } from "../../abi.js";
import type { CpuArea } from "../../image/cpu-area.js";
import { type Image, subbufOffset } from "../../image/image.js";
import { RB_MISSED_EVENTS, RB_MISSED_STORED } from "../../image/structs.js";
import type { EventPage, EventPages } from "./page.js";

/**
 * One CPU's sub-buffers as the writer left them: those that were not read yet, in reading order. Each is read from the
 * source when it is its turn, and not kept.
 * @param ids sub-buffers in place of the unread ones
 */
export function imagePages(image: Image, cpu: CpuArea, ids: readonly number[] = cpu.live): EventPages {
  const { abi } = image.layout;
  return {
    cpu: cpu.cpu,
    count: ids.length,
    page(position): EventPage {
      const id = ids[position]!;
      const index = cpu.indexById[id]!;
      const offset = subbufOffset(cpu, index);
      const bytes = image.source.read(offset, cpu.subbufSize);
      return subbufPage(bytes, offset, cpu.subbufSize, index, id, abi.littleEndian, abi.longSize);
    },
  };
}

/** Reads a sub-buffer's header. A commit that cannot be stands for all of the page: what is readable in it is read. */
export function subbufPage(
  bytes: Uint8Array,
  imageOffset: number,
  subbufSize: number,
  index: number,
  id: number,
  littleEndian: boolean,
  longSize: 4 | 8,
): EventPage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = subbufHeaderSize({ littleEndian, longSize });
  const room = Math.max(0, Math.min(subbufSize, bytes.length) - start);
  if (bytes.length < start) return { ...NOTHING, view, index, id, imageOffset };
  const timeHi = view.getUint32(littleEndian ? 4 : 0, littleEndian);
  const timeLo = view.getUint32(littleEndian ? 0 : 4, littleEndian);
  const commit = view.getUint32(longSize === 8 && !littleEndian ? 12 : 8, littleEndian);
  const stated = (commit & ~(RB_MISSED_EVENTS | RB_MISSED_STORED)) >>> 0;
  const missed = (commit & RB_MISSED_EVENTS) !== 0;
  const stored = missed && (commit & RB_MISSED_STORED) !== 0 && stated + longSize <= room;
  return {
    view,
    start,
    size: Math.min(stated, room),
    capacity: subbufSize - start,
    timeHi,
    timeLo,
    missed,
    missedCount: stored ? storedCount(view, start + stated, littleEndian, longSize) : undefined,
    index,
    id,
    imageOffset,
  };
}

function storedCount(view: DataView, at: number, littleEndian: boolean, longSize: 4 | 8): number {
  return longSize === 4 ? view.getUint32(at, littleEndian) : Number(view.getBigUint64(at, littleEndian));
}

const NOTHING = { start: 0, size: 0, capacity: 0, timeHi: 0, timeLo: 0, missed: false };
