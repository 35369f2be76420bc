/** So many of something, in words. */
export function plural(count: number | bigint | string, word: string): string {
  return `${count} ${word}${String(count) === "1" ? "" : "s"}`;
}

/** The same with a verb behind it: `1 event is`, `2 events are`; of another verb, what it is of one and of several. */
export function pluralVerb(
  count: number | bigint,
  word: string,
  [one, several]: readonly [one: string, several: string] = ["is", "are"],
): string {
  return `${plural(count, word)} ${String(count) === "1" ? one : several}`;
}
