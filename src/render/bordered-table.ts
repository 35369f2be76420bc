import Table from "cli-table3";
import type { Column } from "./column.js";
import type { Style } from "./style.js";

/** Rows under titles, with borders. */
export function renderBordered(columns: readonly Column[], rows: readonly (readonly string[])[], style: Style): string {
  const table = new Table({
    head: columns.map(({ title }) => style.heading(title)),
    colAligns: columns.map(({ align }) => align ?? "left"),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return `${table.toString()}\n`;
}
