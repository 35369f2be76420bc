import type { Io } from "../io.js";
import type { Column } from "./column.js";
import type { Style } from "./style.js";
import { renderTable, widthOf } from "./table.js";

/** A column that a narrow window may do without: the lowest `keep` goes first. */
export interface WideColumn extends Column {
  readonly keep: number;
}

/** A table that leaves its least important columns out until it fits the window. In a pipe it has all. */
export function renderFitting(
  columns: readonly WideColumn[],
  rows: readonly (readonly string[])[],
  io: Io,
  style: Style,
): string {
  let chosen = columns.map((_, i) => i);
  const width = (i: number): number =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[i] ?? "")), columns[i]!.title.length);
  const widths = columns.map((_, i) => width(i));
  const total = (): number => chosen.reduce((sum, i) => sum + widths[i]! + 2, -2);
  while (io.columns !== undefined && chosen.length > 2 && total() > io.columns) {
    const least = chosen.reduce((best, i) => (columns[i]!.keep < columns[best]!.keep ? i : best), chosen[0]!);
    chosen = chosen.filter((i) => i !== least);
  }
  return renderTable(
    chosen.map((i) => columns[i]!),
    rows.map((row) => chosen.map((i) => row[i] ?? "")),
    io,
    style,
  );
}

/** Fills lines up to the window (or 100 columns), later ones behind `indent`. Colours are not counted. */
export function wrap(text: string, io: Io, indent = ""): string {
  const limit = Math.max(40, Math.min(io.columns ?? 100, 120));
  const lines: string[] = [];
  const margin = /^ */.exec(text)![0];
  let line = margin;
  for (const word of text.slice(margin.length).split(" ")) {
    if (line.trim() !== "" && widthOf(line) + 1 + widthOf(word) > limit) {
      lines.push(line);
      line = indent + word;
    } else line = line === margin ? margin + word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.join("\n");
}

/** A part's title and what it is. */
export function heading(piece: string, what: string, io: Io, style: Style): string {
  return `\n${wrap(`${style.heading(piece)}  ${what}`, io, "  ")}\n`;
}
