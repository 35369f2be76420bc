/** The index of the last of `count` ascending numbers that is not more than `most`; -1 where all are more. */
export function lastUpTo<T extends number | bigint>(count: number, numberAt: (index: number) => T, most: T): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numberAt(middle) <= most) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
