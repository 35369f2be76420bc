/** Bytes of a cache line: memory that was not written back is lost by lines. */
export const LINE = 64;

/** The line that an offset lies in. Pages are aligned, so a view of one is in step with the lines. */
export function lineOf(offset: number): number {
  return Math.floor(offset / LINE);
}

/** Bytes of common_type, common_flags, common_preempt_count and common_pid, with which each event begins. */
export const COMMON_SIZE = 8;

/** Bytes of a record in which the pid of the next event is looked for: sched_switch names it among its first fields. */
const MAX_PID_SEARCH = 128;

/** A page's words. */
export interface Words {
  readonly view: DataView;
  readonly littleEndian: boolean;
}

/** Whether a word of the record behind its common fields is `pid`: it may tell of a switch to that task. */
export function holdsPid({ view, littleEndian }: Words, start: number, end: number, pid: number): boolean {
  const last = Math.min(end, start + MAX_PID_SEARCH);
  for (let at = start + 4 + COMMON_SIZE; at + 4 <= last; at += 4)
    if (view.getInt32(at, littleEndian) === pid) return true;
  return false;
}
