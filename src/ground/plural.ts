/** So many of something, in words. */
export function plural(count: number | string, word: string): string {
  return `${count} ${word}${String(count) === "1" ? "" : "s"}`;
}
