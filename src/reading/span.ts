import { FAR, isFarBehind, type TimeSpan } from "../ring/time-span.js";

/** What a span needs to know of a sub-buffer. */
export interface TimedSubbuf {
  readonly believed: boolean;
  /** Its own time stamp is believed: behind a break its times are estimates, but they lie near that. */
  readonly anchored: boolean;
  readonly firstTime: bigint | undefined;
  readonly lastTime: bigint | undefined;
}

/**
 * The time that sub-buffers span. Times so far behind most others that they must be damaged move no end: the gap is a
 * thousand times what all before it spans, and long. (What is far before the others may be true: a CPU that idled.)
 * Sub-buffers whose own time stamp is an estimate count only where there are no others.
 */
export function spanOf(subbufs: readonly TimedSubbuf[]): TimeSpan | undefined {
  const anchored = spanWhere(subbufs, true);
  const found = anchored ?? spanWhere(subbufs, false);
  if (found === undefined || (found.last <= MAX_U64 && found.last - found.first <= FAR)) return found;
  return withoutFar(subbufs.filter((subbuf) => subbuf.believed && subbuf.anchored === (anchored !== undefined)));
}

function spanWhere(subbufs: readonly TimedSubbuf[], anchored: boolean): TimeSpan | undefined {
  let first: bigint | undefined;
  let last = 0n;
  for (const subbuf of subbufs) {
    if (!subbuf.believed || subbuf.anchored !== anchored) continue;
    const { firstTime, lastTime } = subbuf;
    if (firstTime === undefined || lastTime === undefined) continue;
    if (first === undefined || firstTime < first) first = firstTime;
    if (lastTime > last) last = lastTime;
  }
  return first === undefined ? undefined : { first, last };
}

const MAX_U64 = 2n ** 64n - 1n;

/** The same of times that lie far apart. */
function withoutFar(subbufs: readonly TimedSubbuf[]): TimeSpan {
  const times = BigUint64Array.from(
    subbufs.flatMap(({ firstTime, lastTime }) => [firstTime ?? [], lastTime ?? []].flat()),
  );
  times.sort();
  const first = times[0]!;
  const last = times.at(-1)!;
  if (last - first <= FAR) return { first, last };
  for (let i = Math.ceil(times.length / 2); i < times.length; i++) {
    const before = { first, last: times[i - 1]! };
    if (isFarBehind(before, times[i]!)) return before;
  }
  return { first, last };
}
