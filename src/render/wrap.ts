import { fill } from "../ground/fill.js";
import type { Paper } from "./paper.js";

export { fill, widthOf } from "../ground/fill.js";

/** Fills lines up to the window (or 100 columns), later ones behind `indent`. */
export function wrap(text: string, { columns }: Pick<Paper, "columns">, indent = ""): string {
  const limit = Math.max(40, Math.min(columns ?? 100, 120));
  const margin = /^ */.exec(text)![0];
  const [first, ...rest] = fill(text.slice(margin.length), limit - indent.length, limit - margin.length);
  // Pairs are set apart by two spaces: one would be left at the end of a line, or before the next.
  const lines = [`${margin}${first}`, ...rest.map((line) => `${indent}${line.replace(/^ +/, "")}`)].map((line) =>
    line.trimEnd(),
  );
  return unglued(lines.join("\n"));
}

const GLUE = "\u00a0";

const unglued = (text: string): string => text.replaceAll(GLUE, " ");

/** Text that wrap() and onPaper() do not break. */
export function glued(text: string): string {
  return text.replaceAll(" ", GLUE);
}

/** A part's title and what it is. */
export function heading(piece: string, what: string, paper: Paper): string {
  return `\n${wrap(`${paper.style.heading(piece)}  ${what}`, paper, "  ")}\n`;
}

/** A line for a window is filled; for a pipe, which has room, it stays one. */
export function onPaper(text: string, paper: Paper, indent = ""): string {
  return paper.columns === undefined ? unglued(text) : wrap(text, paper, indent);
}
