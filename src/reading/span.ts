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
  return spansOf([subbufs]).all;
}

/** The same of each of several lists, and of all together. */
export function spansOf(lists: readonly (readonly TimedSubbuf[])[]): {
  readonly each: readonly (TimeSpan | undefined)[];
  readonly all: TimeSpan | undefined;
} {
  const anchored = lists.map((list) => spanWhere(list, true));
  return { each: lists.map((list, i) => spanIn([list], [anchored[i]])), all: spanIn(lists, anchored) };
}

/** @param anchored of each list, what those span whose own time stamp is believed */
function spanIn(
  lists: readonly (readonly TimedSubbuf[])[],
  anchored: readonly (TimeSpan | undefined)[],
): TimeSpan | undefined {
  const own = joined(anchored);
  const found = own ?? joined(lists.map((list) => spanWhere(list, false)));
  if (found === undefined || (found.last <= MAX_U64 && found.last - found.first <= FAR)) return found;
  return withoutFar(lists.flat().filter((one) => one.believed && one.anchored === (own !== undefined)));
}

function spanWhere(subbufs: readonly TimedSubbuf[], anchored: boolean): TimeSpan | undefined {
  const reach = new Reach();
  for (const subbuf of subbufs) {
    if (!subbuf.believed || subbuf.anchored !== anchored) continue;
    const { firstTime, lastTime } = subbuf;
    if (firstTime !== undefined && lastTime !== undefined) reach.add(firstTime, lastTime);
  }
  return reach.span;
}

function joined(spans: readonly (TimeSpan | undefined)[]): TimeSpan | undefined {
  const reach = new Reach();
  for (const span of spans) if (span !== undefined) reach.add(span.first, span.last);
  return reach.span;
}

/** From the earliest of the times that were added to the latest. */
class Reach {
  private first: bigint | undefined;
  private last = 0n;

  add(first: bigint, last: bigint): void {
    if (this.first === undefined || first < this.first) this.first = first;
    if (last > this.last) this.last = last;
  }

  get span(): TimeSpan | undefined {
    const { first, last } = this;
    return first === undefined ? undefined : { first, last };
  }
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
