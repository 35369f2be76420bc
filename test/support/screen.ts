import { widthOf } from "../../src/ground/fill.js";

/** The lines that a window would wrap; a word that is longer than a line, as a path may be, is never broken. */
export function tooLong(text: string, columns: number): string[] {
  return text
    .split("\n")
    .filter((line) => widthOf(line) > columns && /\S\s+\S/.test(line.trim().replace(/^\S+: /, "")));
}
