import type { EventRecord } from "./builtin/record.js";
import type { EventPage } from "./page.js";

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
  /** Numbers that may be another event's; undefined where none may. */
  readonly doubtful: ReadonlySet<number> | undefined;
  /** Where the record begins in the page's window. */
  readonly record: number;
  /** Where the record begins in the image. */
  readonly offset: number;
}

/** Why an event is doubted whose number may be another event's. */
export const MODULE_ORDER = "module-order";
const BY_NUMBER: readonly string[] = [MODULE_ORDER];

/**
 * Why an event may be something else: its record may hold foreign bytes, or its number be another event's. Undefined
 * where nothing is doubted.
 */
export function doubtsOf({ page, record, type, doubtful }: TraceEvent): readonly string[] | undefined {
  const foreign = page.doubts?.get(record);
  if (doubtful === undefined || !doubtful.has(type)) return foreign;
  return foreign === undefined ? BY_NUMBER : [...foreign, MODULE_ORDER];
}

export function isDoubtful(event: TraceEvent): boolean {
  return doubtsOf(event) !== undefined;
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
