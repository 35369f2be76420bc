import type { Io } from "../io.js";
import type { Column } from "./column.js";
import type { Style } from "./style.js";

/** Escape sequences of colours: they take no room on the screen. */
// biome-ignore lint/complexity/useRegexLiterals: the escape character is easier to see in a string
const COLORS = new RegExp("\\u001b\\[[0-9;]*m", "g");

let renderBordered: typeof import("./bordered-table.js").renderBordered | undefined;

/** Loads what draws borders. Only a terminal needs it, and it costs a tenth of a quick command's time. */
export async function loadBorders(io: Io): Promise<void> {
  if (io.columns !== undefined) ({ renderBordered } = await import("./bordered-table.js"));
}

/** Rows that a narrow terminal shows as blocks; more would hide each other. */
const MOST_BLOCKS = 16;

/**
 * Rows under titles. At a terminal that is wide enough, with borders; where no line would fit, a few rows as blocks of
 * `title  value` lines; otherwise in plain columns two spaces apart, which scripts can take.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  io: Io,
  style: Style,
): string {
  const widths = columns.map((column, i) => Math.max(column.title.length, ...rows.map((row) => widthOf(row[i] ?? ""))));
  const bordered = widths.reduce((sum, width) => sum + width + 3, 1);
  if (renderBordered && io.columns !== undefined && bordered <= io.columns) return renderBordered(columns, rows, style);
  const plain = widths.reduce((sum, width) => sum + width + 2, -2);
  if (io.columns !== undefined && plain > io.columns && rows.length <= MOST_BLOCKS)
    return renderBlocks(columns, rows, style);
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, i) => {
        const cell = cells[i] ?? "";
        const fill = " ".repeat(Math.max(0, widths[i]! - widthOf(cell)));
        return align === "right" ? fill + cell : cell + fill;
      })
      .join("  ")
      .trimEnd();
  return [line(columns.map(({ title }) => style.heading(title))), ...rows.map(line)]
    .map((text) => `${text}\n`)
    .join("");
}

function renderBlocks(columns: readonly Column[], rows: readonly (readonly string[])[], style: Style): string {
  const width = Math.max(...columns.map(({ title }) => title.length));
  const block = (row: readonly string[]) =>
    columns.map(({ title }, i) => `${style.heading(title.padEnd(width))}  ${row[i] ?? ""}\n`).join("");
  return rows.map(block).join("\n");
}

/** Columns that it takes on the screen. */
export function widthOf(text: string): number {
  return text.replace(COLORS, "").length;
}
