/** From the first believed event to the last. */
export interface TimeSpan {
  readonly first: bigint;
  readonly last: bigint;
}

/** What a span needs to know of a sub-buffer. */
export interface TimedSubbuf {
  readonly believed: boolean;
  readonly timeExact: boolean;
  readonly firstTime: bigint | undefined;
  readonly lastTime: bigint | undefined;
}

/** Six and a half days, where the clock counts nanoseconds. */
const FAR = 1n << 49n;

/**
 * So far behind everything from `first` to `last` that the time is damaged: the gap is a thousand times what all that
 * spans, and long.
 */
export function isFarBehind({ first, last }: TimeSpan, time: bigint): boolean {
  const gap = time - last;
  return gap > FAR && gap > 1000n * (last - first);
}

/**
 * The time that sub-buffers span. Times so far behind most others that they must be damaged move no end: the gap is a
 * thousand times what all before it spans, and long. (What is far before the others may be true: a CPU that idled.)
 * Estimated times count only where there are no others.
 */
export function spanOf(subbufs: readonly TimedSubbuf[]): TimeSpan | undefined {
  const anyExact = subbufs.some(({ believed, timeExact }) => believed && timeExact);
  const counted = subbufs.filter(({ believed, timeExact }) => believed && (timeExact || !anyExact));
  const times = new BigUint64Array(2 * counted.length);
  let count = 0;
  let rises = true;
  let before = 0n;
  for (const { firstTime, lastTime } of counted) {
    if (firstTime === undefined || lastTime === undefined) continue;
    rises = rises && firstTime >= before && lastTime >= firstTime;
    before = lastTime;
    times[count++] = firstTime;
    times[count++] = lastTime;
  }
  if (count === 0) return undefined;
  const sorted = times.subarray(0, count);
  if (!rises) sorted.sort();
  const first = sorted[0]!;
  const last = sorted[count - 1]!;
  if (last - first <= FAR) return { first, last };
  for (let i = Math.ceil(count / 2); i < count; i++) {
    const before = { first, last: sorted[i - 1]! };
    if (isFarBehind(before, sorted[i]!)) return before;
  }
  return { first, last };
}
