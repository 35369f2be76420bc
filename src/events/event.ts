import type { EventRecord } from "./builtin/record.js";
import type { EventPage } from "./page.js";
import type { WriterDoubts } from "./writer-doubts.js";

/** An event of the trace. The object is the iterator's: what it says holds until the next one is asked for. */
export interface TraceEvent extends EventRecord {
  /** Its place among all events of the trace, in order, those that are left out included. */
  readonly position: number;
  /** u16 common_type; -1 where the record is too short to have one. */
  readonly type: number;
  /** int common_pid */
  readonly pid: number;
  readonly flags: number;
  readonly preemptCount: number;
  /** Events were lost before this one: how many, or -1 where nobody counted; 0 for none. */
  readonly lost: number;
  readonly page: EventPage;
  /** What is not certain of the writing kernel; undefined where all is. */
  readonly uncertain: WriterDoubts | undefined;
  /** Where the record begins in the page's window. */
  readonly record: number;
  /** Where the record begins in the image. */
  readonly offset: number;
}

/** Why an event is doubted whose number may be another event's. */
export const MODULE_ORDER = "module-order";
/** Why values are doubted that are names or texts in a module's data: where it lay is inferred. */
export const MODULE_DATA = "module-data";

/**
 * Why an event, or a value of it, may be something else: its record may hold foreign bytes, its number be another event's,
 * or what an address stands for be elsewhere. Undefined where nothing is doubted.
 */
export function doubtsOf(event: TraceEvent): readonly string[] | undefined {
  const { page, record, type, uncertain } = event;
  const foreign = page.doubts?.get(record);
  if (uncertain === undefined) return foreign;
  const own = uncertain.ofNumber(type) ? [MODULE_ORDER] : [];
  if (uncertain.ofValues(event, type) !== undefined) own.push(MODULE_DATA);
  return own.length === 0 ? foreign : [...(foreign ?? []), ...own];
}

/** Whether all of an event is in doubt, not a value alone. */
export function isDoubtful({ page, record, type, uncertain }: TraceEvent): boolean {
  return page.doubts?.get(record) !== undefined || uncertain?.ofNumber(type) === true;
}

const MAX_U64 = 2n ** 64n - 1n;

/** Between which times an event lies whose own is an estimate; undefined where it is exact. */
export function timeBounds(event: TraceEvent): { readonly low: bigint; readonly high: bigint } | undefined {
  const { bounds } = event.page;
  if (bounds === undefined) return undefined;
  const time = event.exactTime();
  const low = time > bounds.early ? time - bounds.early : 0n;
  const high = time + bounds.late > MAX_U64 ? MAX_U64 : time + bounds.late;
  return { low, high };
}
