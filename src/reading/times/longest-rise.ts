import type { Candidate } from "../subbuf-reading.js";

/** The pages whose time stamps rise, as many as possible: a damaged one is the odd one out. */
export function longestRise(pages: readonly Candidate[]): readonly Candidate[] {
  if (pages.every((page, i) => i === 0 || pages[i - 1]!.time < page.time)) return pages;
  const tails: number[] = [];
  const before = new Int32Array(pages.length).fill(-1);
  pages.forEach((page, i) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pages[tails[middle]!]!.time < page.time) low = middle + 1;
      else high = middle;
    }
    before[i] = low > 0 ? tails[low - 1]! : -1;
    tails[low] = i;
  });
  const rise: Candidate[] = [];
  for (let i = tails.at(-1) ?? -1; i >= 0; i = before[i]!) rise.push(pages[i]!);
  return rise.reverse();
}
