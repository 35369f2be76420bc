import Table from "cli-table3";

/** Draws rows under titles. */
export type DrawTable = (
  titles: readonly { readonly text: string; readonly align: "left" | "right" }[],
  rows: readonly (readonly string[])[],
) => string;

/** Rows under titles, with borders. */
export const drawBordered: DrawTable = (titles, rows) => {
  const table = new Table({
    head: titles.map(({ text }) => text),
    colAligns: titles.map(({ align }) => align),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push([...row]);
  return `${table.toString()}\n`;
};
