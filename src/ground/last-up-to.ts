/** The index of the last of `count` ascending numbers that is not more than `most`; -1 where all are. */
export function lastUpTo(count: number, numberAt: (index: number) => number, most: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numberAt(middle) <= most) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
