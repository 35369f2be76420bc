/** Escape sequences of colours: they take no room on the screen. */
// biome-ignore lint/complexity/useRegexLiterals: the escape character is easier to see in a string
const COLORS = new RegExp("\\u001b\\[[0-9;]*m", "g");

/** Characters that take two columns: East Asian wide ones and pictures (Unicode's EastAsianWidth W and F, by block). */
const DOUBLE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/gu;

/** Columns that it takes on the screen. */
export function widthOf(text: string): number {
  const bare = text.includes("\u001b") ? text.replace(COLORS, "") : text;
  if (/^[\x00-\x7f]*$/.test(bare)) return bare.length;
  return [...bare.replace(/\p{Mn}/gu, "")].length + (bare.match(DOUBLE)?.length ?? 0);
}

/** Breaks a text into lines of at most `room` columns, between words; a longer word has a line of its own. */
export function fill(text: string, room: number, firstRoom = room): string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of text.split(" ")) {
    const longer = line === undefined ? word : `${line} ${word}`;
    if (line !== undefined && widthOf(longer) > (lines.length === 0 ? firstRoom : room)) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line === undefined ? lines : [...lines, line];
}
