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

/** Rows that can be gone through more than once: a long list is made anew each time, and never kept. */
export interface Rows extends Iterable<Row> {
  readonly length: number;
}

/** More rows than anybody looks at get no borders, which would need all of them at once. */
const MOST_BORDERED = 10_000;

/** A table of some rows, whole. */
export function renderTable(columns: readonly Column[], rows: Rows, paper: Paper): string {
  return [...tableParts(columns, rows, paper)].join("");
}

/**
 * Rows under titles. At a terminal that is wide enough, with borders. In a narrower one borders go, then columns, and at
 * last the text of the last column wraps. In a pipe it is plain columns two spaces apart, which scripts can take.
 */
export function* tableParts(columns: readonly Column[], rows: Rows, paper: Paper): Generator<string> {
  const widths = columns.map(({ title }) => widthOf(title));
  for (const row of rows)
    for (let i = 0; i < widths.length; i++) widths[i] = Math.max(widths[i]!, widthOf(row[i] ?? ""));
  const all = columns.map((_, i) => i);
  if (paper.columns === undefined || paper.wide) {
    yield* plainTable({ columns, widths }, all, rows, paper);
    return;
  }
  const borders = widths.reduce((sum, width) => sum + width + 3, 1);
  if (paper.bordered !== undefined && borders <= paper.columns && rows.length <= MOST_BORDERED) {
    const titles = columns.map(({ title, align = "left" }) => ({ text: paper.style.heading(title), align }));
    yield paper.bordered(titles, [...rows]);
    return;
  }
  const chosen = fitting({ columns, widths, leastOf: (i) => leastWidth(columns[i]!, rows, i) }, paper.columns);
  yield* plainTable({ columns, widths }, chosen, rows, paper);
  const gone = all.filter((i) => !chosen.includes(i) && columns[i]!.title !== "").map((i) => columns[i]!.title);
  if (gone.length > 0) yield `${paper.style.faint(wrap(`not shown: ${gone.join(", ")} (--wide)`, paper))}\n`;
}

interface Sizes {
  readonly columns: readonly Column[];
  readonly widths: readonly number[];
}

/** What a text needs at least before it wraps: room to be read in, and for its longest word. */
function leastWidth({ title }: Column, rows: Rows, i: number): number {
  let widest = LEAST_TEXT;
  const take = (text: string): void => {
    for (const word of text.split(" ")) widest = Math.max(widest, widthOf(word));
  };
  take(title);
  for (const row of rows) take(row[i] ?? "");
  return widest;
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

function* plainTable(
  { columns, widths }: Sizes,
  chosen: readonly number[],
  rows: Rows,
  paper: Paper,
): Generator<string> {
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
  let part = line(columns.map(({ title }) => paper.style.heading(title)));
  for (const row of rows) {
    part += line(row);
    if (part.length < PART) continue;
    yield part;
    part = "";
  }
  yield part;
}

/** Characters from which on a part of a table is given. */
const PART = 64 * 1024;

function aligned(cell: string, width: number, { align }: Column): string {
  const spaces = " ".repeat(Math.max(0, width - widthOf(cell)));
  return align === "right" ? spaces + cell : cell + spaces;
}
