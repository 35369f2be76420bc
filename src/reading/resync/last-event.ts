import { RecordCursor, RecordKind } from "../../ring/records.js";
import type { Run } from "./explain.js";
import type { Committed } from "./links.js";

/** A run up to its last event but one; undefined where it has no other. `last`: where its last event begins. */
export function withoutLast(run: Run, last: number, { view, littleEndian, time }: Committed): Run | undefined {
  const cursor = new RecordCursor(view, littleEndian);
  const hi = Number(time >> 32n);
  const lo = Number(time & 0xffff_ffffn);
  cursor.open(run.start, run.end, hi, lo);
  let end: number | undefined;
  let since = 0;
  while (cursor.next()) {
    if (cursor.kind !== RecordKind.Data || cursor.offset >= last) continue;
    end = cursor.position;
    since = cursor.timeSince(hi, lo);
  }
  if (end === undefined) return undefined;
  const less = cursor.timeSince(hi, lo) - since;
  const high = run.exact ? run.high : run.high + less;
  const doubts = run.doubts.filter(({ offset }) => offset < last);
  return { ...run, end, events: run.events - 1, after: run.after - less, high, doubts };
}
