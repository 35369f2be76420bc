import type { Bytes } from "../ground/bytes.js";
import { RB_EVNT_MIN_SIZE, RecordCursor, RecordKind, TYPE_PADDING } from "../ring/records.js";
import { TRACE_ENTRY_SIZE } from "../ring/structs.js";

/** Why the records of a sub-buffer end before its committed data does. */
export type RecordDamage =
  | "record-bad-length"
  | "record-truncated"
  /** A data record that holds no struct trace_entry with a type: zeroed memory reads so. */
  | "record-no-event"
  | "record-time-backwards";

/** The same, for people. */
export function damageText(damage: RecordDamage): string {
  switch (damage) {
    case "record-truncated":
      return "a record runs past the committed data";
    case "record-no-event":
      return "a record holds no event";
    case "record-time-backwards":
      return "an absolute time stamp is earlier than the time so far";
    case "record-bad-length":
      return "a record has an impossible length";
  }
}

/** How many records there are of each kind. */
export interface RecordCounts {
  /** Data records. */
  readonly events: number;
  readonly paddings: number;
  readonly timeExtends: number;
  readonly timeStamps: number;
}

/** Times of one sub-buffer lie no further apart: beyond, differences of them are not exact as numbers. */
export const MAX_SPAN = 1n << 52n;

/** The records of one sub-buffer from its first on, up to the first that cannot be one. Places are in the sub-buffer. */
export interface Records extends RecordCounts {
  /** Where the first would begin. */
  readonly start: number;
  /** Behind the last good record. */
  readonly end: number;
  /** From the time stamp to the first and to the last event. Exact below 2^53; more is no time of this page. */
  readonly first: number;
  readonly last: number;
  /** It ends as a writer leaves a sub-buffer that the next event did not fit into. */
  readonly full: boolean;
  readonly damage: RecordDamage | undefined;
}

/**
 * Walks records more strictly than the kernel: an event must hold a struct trace_entry with a type. Nothing is
 * allocated per record.
 * @param page all of a sub-buffer, its header first, as far as the image goes
 * @param start where the data begins
 * @param end where the committed data ends
 * @param size bytes of a whole sub-buffer
 */
export function walkRecords(page: Bytes, start: number, end: number, size: number): Records {
  const { view, abi } = page;
  const { littleEndian } = abi;
  const cursor = new RecordCursor(view, littleEndian);
  const hi = view.getUint32(littleEndian ? 4 : 0, littleEndian);
  const lo = view.getUint32(littleEndian ? 0 : 4, littleEndian);
  cursor.open(start, end, hi, lo);
  let events = 0;
  let paddings = 0;
  let timeExtends = 0;
  let timeStamps = 0;
  let first = 0;
  let last = 0;
  let good = start;
  let damage: RecordDamage | undefined;
  while (cursor.next()) {
    if (cursor.kind === RecordKind.Data) {
      if (!holdsEvent(cursor)) {
        damage = "record-no-event";
        break;
      }
      if (events === 0) first = cursor.timeSince(hi, lo);
      events += 1 + cursor.passSmall(TRACE_ENTRY_SIZE);
      last = cursor.timeSince(hi, lo);
    } else if (cursor.timeWentBack) {
      damage = "record-time-backwards";
      break;
    } else if (cursor.kind === RecordKind.Padding) paddings++;
    else if (cursor.kind === RecordKind.TimeExtend) timeExtends++;
    else timeStamps++;
    good = cursor.position;
  }
  damage ??= cursor.damage;
  const full = isFull(page, good, size);
  return { events, paddings, timeExtends, timeStamps, start, end: good, first, last, full, damage };
}

/** Whether a data record holds a struct trace_entry with a type. */
export function holdsEvent({ view, dataOffset, dataLength, littleEndian }: RecordCursor): boolean {
  return dataLength >= TRACE_ENTRY_SIZE && view.getUint16(dataOffset, littleEndian) !== 0;
}

/** Whether a writer can have gone on to the next sub-buffer behind a record that ends here (rb_reset_tail()). */
function isFull({ view, abi: { littleEndian }, length }: Bytes, end: number, size: number): boolean {
  if (length < size) return false;
  if (end === size) return true;
  if (size - end >= RB_EVNT_MIN_SIZE || size - end < 4) return false;
  const word = view.getUint32(end, littleEndian);
  const typeLen = littleEndian ? word & 31 : word >>> 27;
  return typeLen === TYPE_PADDING && (littleEndian ? word >>> 5 : word & 0x7ffffff) === 0;
}
