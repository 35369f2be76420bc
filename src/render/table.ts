import type { Paper } from "./paper.js";
import { fill, widthOf, wrap } from "./wrap.js";

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** A narrow window does without it, the lowest first; one without a number always stays. */
  readonly keep?: number;
}

/** Room to read a text in. */
const LEAST_TEXT = 16;

type Row = readonly string[];

/**
 * Rows under titles. At a terminal that is wide enough, with borders. In a narrower one borders go, then columns, and at
 * last the text of the last column wraps. In a pipe it is plain columns two spaces apart, which scripts can take.
 */
export function renderTable(columns: readonly Column[], rows: readonly Row[], paper: Paper): string {
  const widths = columns.map(({ title }, i) =>
    rows.reduce((w, row) => Math.max(w, widthOf(row[i] ?? "")), widthOf(title)),
  );
  const all = columns.map((_, i) => i);
  if (paper.columns === undefined || paper.wide) return plainTable({ columns, widths }, all, rows, paper);
  const bordered = widths.reduce((sum, width) => sum + width + 3, 1);
  if (paper.bordered !== undefined && bordered <= paper.columns) {
    const titles = columns.map(({ title, align = "left" }) => ({ text: paper.style.heading(title), align }));
    return paper.bordered(titles, rows);
  }
  const chosen = fitting({ columns, widths, leastOf: (i) => leastWidth(columns[i]!, rows, i) }, paper.columns);
  const table = plainTable({ columns, widths }, chosen, rows, paper);
  const gone = all.filter((i) => !chosen.includes(i) && columns[i]!.title !== "").map((i) => columns[i]!.title);
  if (gone.length === 0) return table;
  return `${table}${paper.style.faint(wrap(`not shown: ${gone.join(", ")} (--wide)`, paper))}\n`;
}

interface Sizes {
  readonly columns: readonly Column[];
  readonly widths: readonly number[];
}

/** What a text needs at least before it wraps: room to be read in, and for its longest word. */
function leastWidth({ title }: Column, rows: readonly Row[], i: number): number {
  const words = [title, ...rows.map((row) => row[i] ?? "")].flatMap((text) => text.split(" "));
  return words.reduce((widest, word) => Math.max(widest, widthOf(word)), LEAST_TEXT);
}

interface Fitting extends Sizes {
  leastOf(column: number): number;
}

/** Leaves out columns, the least important first, until the others fit. */
function fitting({ columns, widths, leastOf }: Fitting, room: number): readonly number[] {
  let chosen: readonly number[] = columns.map((_, i) => i);
  for (;;) {
    const last = chosen.at(-1)!;
    const needs = (i: number) => (i === last && isText(columns[i]!) ? Math.min(widths[i]!, leastOf(i)) : widths[i]!);
    if (chosen.reduce((sum, i) => sum + needs(i) + 2, -2) <= room) return chosen;
    const least = chosen
      .filter((i) => columns[i]!.keep !== undefined)
      .reduce<number | undefined>(
        (best, i) => (best === undefined || columns[i]!.keep! < columns[best]!.keep! ? i : best),
        undefined,
      );
    if (least === undefined || chosen.length === 1) return chosen;
    chosen = chosen.filter((i) => i !== least);
  }
}

const isText = ({ align }: Column): boolean => align !== "right";

function plainTable({ columns, widths }: Sizes, chosen: readonly number[], rows: readonly Row[], paper: Paper): string {
  const last = chosen.at(-1)!;
  const before = chosen.slice(0, -1).reduce((sum, i) => sum + widths[i]! + 2, 0);
  const room =
    paper.columns === undefined || paper.wide || !isText(columns[last]!)
      ? Number.POSITIVE_INFINITY
      : Math.max(paper.columns - before, LEAST_TEXT / 2);
  const line = (cells: Row): string => {
    const start = chosen
      .slice(0, -1)
      .map((i) => `${aligned(cells[i] ?? "", widths[i]!, columns[i]!)}  `)
      .join("");
    const end = aligned(cells[last] ?? "", isText(columns[last]!) ? 0 : widths[last]!, columns[last]!);
    return fill(end, room)
      .map((text, i) => `${`${i === 0 ? start : " ".repeat(before)}${text}`.trimEnd()}\n`)
      .join("");
  };
  return [line(columns.map(({ title }) => paper.style.heading(title))), ...rows.map(line)].join("");
}

function aligned(cell: string, width: number, { align }: Column): string {
  const spaces = " ".repeat(Math.max(0, width - widthOf(cell)));
  return align === "right" ? spaces + cell : cell + spaces;
}
