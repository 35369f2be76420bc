import { rbFixAbsTs } from "../../kernel/events.js";
import type { Area } from "../../kernel/ring.js";
import { TYPE_PADDING, TYPE_TIME_EXTEND } from "../../ring/records.js";

/** The records of one sub-buffer up to the first that cannot be one. */
export interface Records {
  /** Data events. */
  readonly events: number;
  /** Bytes up to the last good record's end. */
  readonly bytes: number;
  /** Time from the sub-buffer's time stamp to the last event. */
  readonly elapsed: bigint;
  /** The walk reached the end of the sub-buffer as a writer leaves it when the next event did not fit. */
  readonly full: boolean;
  /** The walk reached `limit`. */
  readonly whole: boolean;
}

/** Every event begins with type, flags, preempt_count and pid (struct trace_entry). */
const ENTRY_SIZE = 8;
/** RB_EVNT_MIN_SIZE: with less than this left, rb_reset_tail() ends a page with a null padding. */
const MIN_ROOM = 8;

/**
 * Walks records more strictly than the kernel: an event must hold a struct trace_entry with a type. Zeroed memory,
 * which the kernel would take for events of no length, is nothing here.
 * @param latest stop before an event later than this
 */
export function walkRecords(area: Area, data: number, limit: number, timeStamp: bigint, latest?: bigint): Records {
  const { view, abi } = area;
  const little = abi.littleEndian;
  const capacity = area.pageSize - area.headerSize;
  const room = latest === undefined ? Infinity : latest < timeStamp ? -1 : Number(latest - timeStamp);
  // Relative to the time stamp; a number is exact far beyond any trace, and larger than `room` when it is not.
  let elapsed = 0;
  let lastEvent = 0;
  let events = 0;
  let at = 0;
  let padded = false;
  while (at < limit) {
    const left = limit - at;
    if (left < 4) break;
    const word = view.getUint32(data + at, little);
    const type = little ? word & 31 : word >>> 27;
    const delta = little ? word >>> 5 : word & 0x7ffffff;
    if (type === TYPE_PADDING && delta === 0) {
      padded = capacity - at < MIN_ROOM;
      break;
    }
    let length = type * 4 + 4;
    const long = type === 0 || type >= TYPE_PADDING;
    if (long && left < 8) break;
    const array0 = long ? view.getUint32(data + at + 4, little) : 0;
    if (type === 0 || type === TYPE_PADDING) length = array0 + 4;
    else if (type >= TYPE_TIME_EXTEND) length = 8;
    if (length > left || length < 8) break;
    if (type === TYPE_TIME_EXTEND) {
      elapsed += array0 * 0x8000000 + delta;
    } else if (type > TYPE_TIME_EXTEND) {
      const stamp = rbFixAbsTs((BigInt(array0) << 27n) + BigInt(delta), timeStamp + BigInt(elapsed));
      const since = stamp - timeStamp;
      if (since < BigInt(elapsed)) break;
      elapsed = Number(since);
    } else if (type !== TYPE_PADDING || delta !== 1) {
      const payload = type === 0 ? at + 8 : at + 4;
      const isEvent = type !== TYPE_PADDING;
      if (isEvent && (length - (payload - at) < ENTRY_SIZE || view.getUint16(data + payload, little) === 0)) break;
      if (elapsed + delta > room) break;
      elapsed += delta;
      lastEvent = elapsed;
      if (isEvent) events++;
    }
    at += length;
  }
  const ended = at === capacity || padded;
  return { events, bytes: at, elapsed: BigInt(lastEvent), full: ended, whole: at >= limit };
}
