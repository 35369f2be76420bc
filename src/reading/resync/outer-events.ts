import { RecordCursor, RecordKind } from "../../ring/records.js";
import { holdsEvent } from "../walk.js";
import type { Run } from "./explain.js";
import type { Committed } from "./links.js";
import { nextLine } from "./words.js";

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

/** A run behind all that begins in its first line, where that reaches into the next; undefined where it does not, or is all of it. */
export function withoutFirstLine(run: Run, committed: Committed): Run | undefined {
  const { cursor, now } = walk(run, committed);
  const next = nextLine(run.start);
  for (let events = 0; !run.exact && cursor.next() && cursor.offset < next; ) {
    if (holdsEvent(cursor)) events++;
    if (cursor.position > next)
      return run.events > events ? from(run, cursor.position, { events, since: now() }) : undefined;
  }
  return undefined;
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
  return from(run, position, { events: 1, since: timeDelta });
}

/** What is left out of a run: so many events, which take so long. */
interface LeftOut {
  readonly events: number;
  readonly since: number;
}

/** A run from a later place on. */
function from(run: Run, start: number, { events, since }: LeftOut): Run {
  const doubts = run.doubts.filter(({ offset }) => offset >= start);
  const [before, high] = [run.before + since, run.high + since];
  return { ...run, start, events: run.events - events, before, high, breakBefore: run.start, doubts };
}
