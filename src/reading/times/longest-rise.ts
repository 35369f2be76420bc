import type { Candidate } from "../subbuf-reading.js";

/** A page is later than the one before it, or all of that is of one tick of the clock: some tick seldom (jiffies). */
export function rises(before: Candidate, page: Candidate): boolean {
  return before.time < page.time || (before.time === page.time && !before.torn && before.end === page.time);
}

/** The pages whose time stamps rise, as many as possible: a damaged one is the odd one out. */
export function longestRise(pages: readonly Candidate[]): readonly Candidate[] {
  if (pages.every((page, i) => i === 0 || rises(pages[i - 1]!, page))) return pages;
  const tails: number[] = [];
  const before = new Int32Array(pages.length).fill(-1);
  pages.forEach((page, i) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rises(pages[tails[middle]!]!, page)) low = middle + 1;
      else high = middle;
    }
    before[i] = low > 0 ? tails[low - 1]! : -1;
    tails[low] = i;
  });
  const rise: Candidate[] = [];
  for (let i = tails.at(-1) ?? -1; i >= 0; i = before[i]!) rise.push(pages[i]!);
  return rise.reverse();
}
