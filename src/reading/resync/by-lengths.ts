import { RB_EVNT_HDR_SIZE, RecordCursor, RecordKind } from "../../ring/records.js";
import { holdsEvent, MAX_SPAN } from "../walk.js";
import type { Run } from "./explain.js";
import { type Committed, isKnown, knownOf } from "./links.js";

/**
 * The events that the lengths of records lead to, though some records hold none: kernels walk over zeros too, word by word. Where
 * they lead to the end of what was committed, all that kernels ask, each event is one; where they do not, those of
 * which the image has others of the type and the task. Undefined where no event stands behind a record that is none.
 * @param exact whether its time stamp is
 */
export function runsByLengths(committed: Committed, exact: boolean): readonly Run[] | undefined {
  const all = walked(committed, exact, holdsEvent);
  const { runs } = all.leadsToEnd
    ? all
    : walked(committed, exact, (cursor) => holdsEvent(cursor) && isKnown(knownOf(cursor, committed.knowledge)));
  return runs.some((run) => run.events > 0 && run.breakBefore !== undefined) ? runs : undefined;
}

/** The runs of events, up to where nothing can be walked. */
function walked(
  { view, littleEndian, start, end, time }: Committed,
  exact: boolean,
  isEvent: (cursor: RecordCursor) => boolean,
): { readonly runs: readonly Run[]; readonly leadsToEnd: boolean } {
  const cursor = new RecordCursor(view, littleEndian, RB_EVNT_HDR_SIZE);
  const hi = Number(time >> 32n);
  const lo = Number(time & 0xffff_ffffn);
  cursor.open(start, end, hi, lo);
  const runs: Run[] = [];
  /** Of the run, of which nothing was read yet where there is no end of it. */
  let from = start;
  let to = start;
  let events = 0;
  let before = 0;
  let after = 0;
  let breakBefore: number | undefined;
  let low = exact ? 0 : -Number(time);
  const close = (): void => {
    if (to <= from) return;
    // How long a record took that is lost, nobody knows.
    const isExact = exact && breakBefore === undefined;
    const bounds = { low, high: isExact ? low : Number.POSITIVE_INFINITY };
    runs.push({ start: from, end: to, events, before, after, exact: isExact, ...bounds, breakBefore, doubts: [] });
    if (exact) low = after;
  };
  let isTimed = true;
  while (cursor.next()) {
    const now = cursor.timeSince(hi, lo);
    isTimed = !cursor.timeWentBack && now <= Number(MAX_SPAN);
    if (!isTimed) break;
    if (cursor.kind === RecordKind.Data && !isEvent(cursor)) {
      close();
      breakBefore = to;
      from = cursor.position;
      events = 0;
      before = now;
    } else {
      if (cursor.kind === RecordKind.Data) events++;
      to = cursor.position;
      after = now;
    }
  }
  close();
  return { runs, leadsToEnd: isTimed && cursor.damage === undefined };
}
