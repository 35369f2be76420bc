const MAX_U64 = 2n ** 64n - 1n;

/** An estimate, moved as little as it takes for it, and for what goes on for so long after it, to lie within a clock's 64 bits. */
export function withinClock(estimate: bigint, elapsed: bigint): bigint {
  const latest = elapsed < MAX_U64 ? MAX_U64 - elapsed : 0n;
  if (estimate > latest) return latest;
  return estimate < 0n ? 0n : estimate;
}
