import { type RecordCursor, RecordKind } from "../../ring/records.js";
import { holdsEvent } from "../walk.js";
import { LINE } from "./words.js";

/** PID_MAX_LIMIT (include/linux/threads.h, 64-bit). */
const PID_MAX = 4 << 20;
/** Fewer may follow each other by chance. */
const LEAST_RECORDS = 8;
/** Most records are shorter, and one of them begins within so many bytes (RB_MAX_SMALL_DATA). */
const REACH = 2 * LINE;

/** Whether it can be a task's number. */
export const isTask = (pid: number): boolean => pid >= 0 && pid <= PID_MAX;

/** Where records that may be some, one after another, lead from a place: to the end, or to where the next cannot be one. */
export function plausibleTo(cursor: RecordCursor, from: number, end: number): number {
  cursor.open(from, end, 0, 0);
  while (cursor.next()) if (!isPlausible(cursor)) return cursor.offset;
  return cursor.damage === undefined ? end : cursor.offset;
}

/** The same from each place behind the one where a walk breaks off. */
export class BehindBreak {
  /** By words: how many records there are, and where they lead. */
  private readonly records: Uint32Array;
  private readonly to: Uint32Array;

  constructor(
    private readonly cursor: RecordCursor,
    private readonly from: number,
    private readonly end: number,
  ) {
    const words = (end - from) >> 2;
    const records = new Uint32Array(words + 1);
    const to = new Uint32Array(words + 1);
    to[words] = end;
    for (let w = words - 1; w >= 0; w--) {
      const next = this.behind(from + 4 * w);
      records[w] = next === undefined ? 0 : records[(next - from) >> 2]! + 1;
      to[w] = next === undefined ? from + 4 * w : to[(next - from) >> 2]!;
    }
    this.records = records;
    this.to = to;
  }

  /**
   * Where records begin again behind a place, and where these lead. In a payload, too, words may read as records: from most
   * they soon lead into the true ones, so the first that others follow is left out. Otherwise the true ones lead further.
   */
  runFrom(place: number): { readonly start: number; readonly end: number } | undefined {
    const { from, records, to } = this;
    let w = (place - from) >> 2;
    while (w < records.length && records[w]! < LEAST_RECORDS) w++;
    let best = w;
    for (const last = Math.min(w + REACH / 4, records.length - 1); w <= last; w++)
      if (records[w]! >= LEAST_RECORDS && to[w]! > to[best]!) best = w;
    const start = best < records.length ? this.behind(from + 4 * best) : undefined;
    return start === undefined ? undefined : { start, end: to[best]! };
  }

  /** Where a record that begins here ends, if it may be one. */
  private behind(at: number): number | undefined {
    const { cursor, end } = this;
    cursor.open(at, end, 0, 0);
    return cursor.next() && isPlausible(cursor) ? cursor.position : undefined;
  }
}

function isPlausible(cursor: RecordCursor): boolean {
  if ((cursor.position & 3) !== 0) return false;
  if (cursor.kind !== RecordKind.Data) return true;
  return holdsEvent(cursor) && isTask(cursor.view.getInt32(cursor.dataOffset + 4, cursor.littleEndian));
}
