import { RecordCursor, RecordKind } from "../../ring/records.js";
import { holdsEvent } from "../walk.js";
import type { Run } from "./explain.js";
import type { Committed } from "./links.js";

function walk({ start, end }: Run, { view, littleEndian, time }: Committed) {
  const cursor = new RecordCursor(view, littleEndian);
  const hi = Number(time >> 32n);
  const lo = Number(time & 0xffff_ffffn);
  cursor.open(start, end, hi, lo);
  return { cursor, now: () => cursor.timeSince(hi, lo) };
}

/** A run up to its last event but one; undefined where it has no other. `last`: where its last event begins. */
export function withoutLast(run: Run, last: number, committed: Committed): Run | undefined {
  const { cursor, now } = walk(run, committed);
  let end: number | undefined;
  let since = 0;
  while (cursor.next()) {
    if (cursor.kind !== RecordKind.Data || cursor.offset >= last) continue;
    end = cursor.position;
    since = now();
  }
  if (end === undefined) return undefined;
  const less = now() - since;
  const high = run.exact ? run.high : run.high + less;
  const doubts = run.doubts.filter(({ offset }) => offset < last);
  return { ...run, end, events: run.events - 1, after: run.after - less, high, doubts };
}

/** A run from its second event on, where it begins with one that the image has no other of in type or task: empty, where that is all of it. */
export function withoutUnlike(run: Run, committed: Committed): Run | undefined {
  const { view, littleEndian, knowledge } = committed;
  const { cursor } = walk(run, committed);
  if (run.exact || run.events === 0 || !cursor.next()) return undefined;
  if (cursor.kind !== RecordKind.Data || !holdsEvent(cursor)) return undefined;
  const { dataOffset, position, timeDelta } = cursor;
  const [type, pid] = [view.getUint16(dataOffset, littleEndian), view.getInt32(dataOffset + 4, littleEndian)];
  if (!knowledge.isLikeNoOther(type, pid)) return undefined;
  const doubts = run.doubts.filter(({ offset }) => offset >= position);
  const [before, high] = [run.before + timeDelta, run.high + timeDelta];
  return { ...run, start: position, events: run.events - 1, before, high, breakBefore: run.start, doubts };
}
