import { rbFixAbsTs, TYPE_PADDING, TYPE_TIME_EXTEND, TYPE_TIME_STAMP } from "../ring/records.js";
import type { Area } from "./area.js";

/** Why a page's events are not valid to the kernel. */
export type PageFault =
  | "commit-too-large"
  | "event-length"
  | "absolute-time-backwards"
  | "time-before-previous-page"
  | "time-after-next-page";

/** What rb_read_data_buffer() found; one object is reused for all pages. */
export class PageWalk {
  /** Data events, or -1: not valid. */
  events = 0;
  /** The time after the last event. */
  timeStamp = 0n;
  /** Why not valid. */
  fault: PageFault | undefined;
  /** Bytes of data before the event that is not valid (or all of it). */
  goodBytes = 0;
  /** Read outside the area, where the bytes are not known. */
  leftArea = false;
  /** The walk would not end: the kernel hangs. */
  endless = false;
  /** Events looked at. */
  steps = 0;
  /** Every kernel walks so: each event ends within the page's data, and was read from nothing else. */
  plain = false;

  /** Nothing is wrong so far. */
  begin(): void {
    this.fault = undefined;
    this.leftArea = false;
    this.endless = false;
    this.plain = false;
  }

  /** It came to the end of a page's data. */
  reach(tail: number, events: number, steps: number, timeStamp: bigint): void {
    this.goodBytes = tail;
    this.events = events;
    this.steps = steps;
    this.timeStamp = timeStamp;
  }
}

const U64 = (1n << 64n) - 1n;
/** Deltas are summed as numbers up to here, then added to the 64-bit time. */
const SUM_LIMIT = 2 ** 50;

/** A page's data, and what its header says of it. */
export interface PageData {
  readonly dataOffset: number;
  readonly timeStamp: bigint;
  /** The commit, as int. */
  readonly tail: number;
}

/** The 32-bit words that a walk over a page comes to. */
class PageWords {
  private readonly view: DataView;
  private readonly little: boolean;

  /** @param walk is told where it leaves the area */
  constructor(
    private readonly area: Area,
    private readonly data: number,
    tail: number,
    private readonly walk: PageWalk,
  ) {
    // What an honest walk sees, and no more than a page of it: others are led anywhere.
    const near = area.bytes.look(data, Math.max(0, Math.min(tail, area.pageSize, area.size - data)));
    this.view = new DataView(near.buffer, near.byteOffset, near.length);
    this.little = area.abi.littleEndian;
  }

  /** @param at from the beginning of the page's data */
  at(at: number): number {
    if (at >= 0 && at + 4 <= this.view.byteLength) return this.view.getUint32(at, this.little);
    const { area } = this;
    const place = this.data + at;
    if (place >= 0 && place + 4 <= area.size) return area.u32(place);
    this.walk.leftArea = true;
    return 0;
  }
}

/** rb_event_length(), as unsigned int. @param e where the event begins, whose first word has this type and delta */
function rbEventLength(words: PageWords, e: number, type: number, delta: number): number {
  if (type > 0 && type < TYPE_PADDING) return type * 4 + 4;
  if (type >= TYPE_TIME_EXTEND) return 8;
  if (type === TYPE_PADDING && delta === 0) return 0xffffffff;
  return (words.at(e + 4) + 4) >>> 0;
}

/**
 * rb_read_data_buffer() (ring_buffer.c): walks the events of a page as the kernel does, unaligned and backwards where
 * the kernel would. Before the length check (6.18.15 and older) a null padding moves back by one byte, and a huge
 * length moves before the page.
 */
export function rbReadDataBuffer(area: Area, page: PageData, checksLength: boolean, walk: PageWalk): PageWalk {
  const { timeStamp, tail } = page;
  const little = area.abi.littleEndian;
  const words = new PageWords(area, page.dataOffset, tail, walk);
  // Every place is visited at most once unless the walk goes round; a checked walk only moves forward.
  const most = checksLength ? Infinity : area.size + tail + 16;
  let steps = 0;
  let base = timeStamp;
  let sum = 0;
  let events = 0;
  let e = 0;
  walk.begin();
  let plain = true;
  const stop = (fault: PageFault): PageWalk => {
    walk.events = -1;
    walk.steps = steps;
    walk.fault = fault;
    walk.goodBytes = Math.max(0, e);
    walk.timeStamp = fault === "absolute-time-backwards" ? (base + BigInt(sum)) & U64 : 0n;
    return walk;
  };
  while (e < tail) {
    if (++steps > most) {
      walk.endless = true;
      return stop("event-length");
    }
    const head = words.at(e);
    const type = little ? head & 31 : head >>> 27;
    const delta = little ? head >>> 5 : head & 0x7ffffff;
    const length = rbEventLength(words, e, type, delta);
    const signed = length | 0;
    if (signed <= 0 || signed > tail - e) {
      if (checksLength) return stop("event-length");
      plain = false;
    } else if (signed < 8 && e + 8 > tail) plain = false;
    if (type === TYPE_TIME_EXTEND) {
      const high = words.at(e + 4);
      if (high < 0x400000) sum += high * 0x8000000 + delta;
      else base = (base + (BigInt(high) << 27n) + BigInt(delta)) & U64;
    } else if (type === TYPE_TIME_STAMP) {
      const now = (base + BigInt(sum)) & U64;
      const stamp = rbFixAbsTs((BigInt(words.at(e + 4)) << 27n) + BigInt(delta), now);
      if (stamp < now) return stop("absolute-time-backwards");
      base = stamp;
      sum = 0;
    } else if (!(type === TYPE_PADDING && delta === 1)) {
      events++;
      sum += delta;
    }
    if (sum > SUM_LIMIT) {
      base = (base + BigInt(sum)) & U64;
      sum = 0;
    }
    e = (e + signed) | 0;
  }
  walk.reach(tail, events, steps, (base + BigInt(sum)) & U64);
  walk.plain = plain;
  return walk;
}
