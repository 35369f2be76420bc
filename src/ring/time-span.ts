/** From the first of some times to the last. */
export interface TimeSpan {
  readonly first: bigint;
  readonly last: bigint;
}

/** Six and a half days, where the clock counts nanoseconds. */
export const FAR = 1n << 49n;

/**
 * So far behind everything from `first` to `last` that the time is damaged: the gap is a thousand times what all that
 * spans, and long.
 */
export function isFarBehind({ first, last }: TimeSpan, time: bigint, far = FAR): boolean {
  const gap = time - last;
  return gap > far && gap > 1000n * (last - first);
}
