import type { SubbufReading } from "../reading/subbuf-reading.js";
import type { RingIter } from "./ring-iter.js";

/** A part of a trace's time: the events from `from` on and before `until`, times since the origin. */
export interface Slice {
  readonly from: number;
  readonly until: number;
}

/** All of it. */
const WHOLE: Slice = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };

/**
 * When the sub-buffers of a CPU have their events, and how many there are before each: so the place of a time is found
 * without a walk over all that comes before.
 *
 * The merge takes the smallest of the CPUs' next times, of equal ones the first CPU's. So all that it gives before the
 * first event of a time is older, and where each CPU's times never go back, a CPU's part of a slice begins with its first
 * event that is not older.
 */
export class CpuTimes {
  private constructor(
    /** Of the first and last event of each. */
    readonly first: Float64Array,
    private readonly last: Float64Array,
    /** Events before each, and before the end. Small integers to V8: what is counted on from them stays one. */
    private readonly before: readonly number[],
  ) {}

  /** Undefined where times go back, or are no exact numbers. @param subbufs oldest first, each in one piece and at its own time */
  static of(subbufs: readonly SubbufReading[], origin: bigint): CpuTimes | undefined {
    const count = subbufs.length;
    const [first, last] = [new Float64Array(count), new Float64Array(count)];
    const before = [0];
    let events = 0;
    let latest = -Number.MAX_SAFE_INTEGER;
    for (const [i, { time, records }] of subbufs.entries()) {
      const since = Number(time - origin);
      first[i] = since + records.first;
      last[i] = since + records.last;
      events += records.events;
      before.push(events);
      if (!(first[i]! >= latest && last[i]! >= first[i]! && last[i]! < Number.MAX_SAFE_INTEGER)) return undefined;
      latest = last[i]!;
    }
    return new CpuTimes(first, last, before);
  }

  /** Puts an iterator at the first event that is not before a time; gives how many are. */
  seek(iter: RingIter, time: number): number {
    if (this.last.length === 0) return 0;
    const page = this.firstNotBefore(time);
    iter.enterPage(page);
    let passed = this.before[page]!;
    for (; iter.peek() && iter.t < time; iter.advance()) passed++;
    return passed;
  }

  /** Puts it at the event of this number. */
  seekNumber(iter: RingIter, number: number): void {
    let page = 0;
    while (this.before[page + 1]! <= number) page++;
    iter.enterPage(page);
    for (let passed = this.before[page]!; iter.peek() && passed < number; iter.advance()) passed++;
  }

  /** The sub-buffer that the first event lies in which is not before a time; else the last. */
  private firstNotBefore(time: number): number {
    let low = 0;
    let high = this.last.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.last[middle]! < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** How many sub-buffers of each CPU, or more, a slice is measured by, where it has as many. */
const MARKS = 8;

/** Cuts the time of all CPUs where about every so many sub-buffers have begun. */
export function slicesOf(cpus: readonly CpuTimes[], subbufs: number): readonly Slice[] {
  // To put all of a large area's in order takes longer than to be a few wrong.
  const step = Math.max(1, Math.floor(subbufs / (MARKS * cpus.length)));
  const starts = Float64Array.from(cpus.flatMap(({ first }) => Array.from(everyNth(first, step)))).sort();
  const marks = Math.ceil(subbufs / step);
  const slices: Slice[] = [];
  let { from } = WHOLE;
  for (let i = marks; i < starts.length; i += marks) {
    const until = starts[i]!;
    if (until <= from) continue;
    slices.push({ from, until });
    from = until;
  }
  return [...slices, { from, until: WHOLE.until }];
}

function* everyNth(values: Float64Array, n: number): Generator<number> {
  for (let i = 0; i < values.length; i += n) yield values[i]!;
}
