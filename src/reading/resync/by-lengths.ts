import { RB_EVNT_HDR_SIZE, RecordCursor, RecordKind } from "../../ring/records.js";
import { holdsEvent, MAX_SPAN } from "../walk.js";
import type { Run } from "./explain.js";

/** What of a sub-buffer is walked. */
interface Committed {
  readonly start: number;
  readonly end: number;
  /** Its time stamp, or an estimate of it. */
  readonly time: bigint;
  readonly exact: boolean;
}

/**
 * The events of records whose lengths lead to the end of what was committed, though some of them hold no event: kernels keep
 * such a sub-buffer, and walk over zeros too, word by word. Undefined where they do not lead there, and where no event stands behind
 * one that is none.
 */
export function runsByLengths(
  view: DataView,
  littleEndian: boolean,
  { start, end, time, exact }: Committed,
): readonly Run[] | undefined {
  const cursor = new RecordCursor(view, littleEndian, RB_EVNT_HDR_SIZE);
  const hi = Number(time >> 32n);
  const lo = Number(time & 0xffff_ffffn);
  cursor.open(start, end, hi, lo);
  const bounds = exact ? { low: 0, high: 0 } : { low: -Number(time), high: Number.POSITIVE_INFINITY };
  const runs: Run[] = [];
  /** Of the run, of which nothing was read yet where there is no end of it. */
  let from = start;
  let to = start;
  let events = 0;
  let before = 0;
  let after = 0;
  let breakBefore: number | undefined;
  const close = (): void => {
    if (to > from)
      runs.push({ start: from, end: to, events, before, after, exact, ...bounds, breakBefore, doubts: [] });
  };
  while (cursor.next()) {
    const now = cursor.timeSince(hi, lo);
    if (cursor.timeWentBack || now > Number(MAX_SPAN)) return undefined;
    if (cursor.kind === RecordKind.Data && !holdsEvent(cursor)) {
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
  const comesBack = runs.some((run) => run.breakBefore !== undefined);
  return cursor.damage === undefined && comesBack ? runs : undefined;
}
