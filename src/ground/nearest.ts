/** The name that a misspelt one was most likely meant to be; undefined where none is near. */
export function nearest(word: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  // Two letters in five may differ, as a person's slips do; not all of them.
  let least = Math.min(Math.max(1, Math.floor(word.length * 0.4)) + 1, word.length);
  for (const name of names) {
    if (Math.abs(name.length - word.length) >= least) continue;
    const distance = editDistance(word, name);
    if (distance < least) {
      best = name;
      least = distance;
    }
  }
  return best;
}

/** Letters to put in, take out, replace or swap with their neighbour to make one word of the other. */
function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let before = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = before[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(replaced, before[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j]!, older[j - 2]! + 1);
    }
    older = before;
    before = row;
  }
  return before[b.length]!;
}
