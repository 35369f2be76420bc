import { type Abi, subbufHeaderSize } from "../ground/abi.js";
import { Bytes } from "../ground/bytes.js";
import type { CpuArea } from "../image/cpu-area.js";
import { type Image, subbufOffset } from "../image/image.js";
import { RB_MISSED_EVENTS, RB_MISSED_STORED } from "../ring/structs.js";
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
      return subbufPage(new Bytes(bytes, abi, offset), cpu.subbufSize, index, id);
    },
  };
}

/** Reads a sub-buffer's header. A commit that cannot be stands for all of the page: what is readable in it is read. */
export function subbufPage(bytes: Bytes, subbufSize: number, index: number, id: number): EventPage {
  const { view, abi } = bytes;
  const { littleEndian, longSize } = abi;
  const start = subbufHeaderSize(abi);
  const room = Math.max(0, Math.min(subbufSize, bytes.length) - start);
  if (bytes.length < start) return { ...NOTHING, bytes, index, id };
  const timeHi = view.getUint32(littleEndian ? 4 : 0, littleEndian);
  const timeLo = view.getUint32(littleEndian ? 0 : 4, littleEndian);
  const commit = view.getUint32(longSize === 8 && !littleEndian ? 12 : 8, littleEndian);
  const stated = (commit & ~(RB_MISSED_EVENTS | RB_MISSED_STORED)) >>> 0;
  const missed = (commit & RB_MISSED_EVENTS) !== 0;
  const stored = missed && (commit & RB_MISSED_STORED) !== 0 && stated + longSize <= room;
  return {
    bytes,
    start,
    size: Math.min(stated, room),
    capacity: subbufSize - start,
    timeHi,
    timeLo,
    missed,
    missedCount: stored ? storedCount(view, start + stated, abi) : undefined,
    index,
    id,
  };
}

function storedCount(view: DataView, at: number, { littleEndian, longSize }: Abi): number {
  return longSize === 4 ? view.getUint32(at, littleEndian) : Number(view.getBigUint64(at, littleEndian));
}

const NOTHING = { start: 0, size: 0, capacity: 0, timeHi: 0, timeLo: 0, missed: false };
