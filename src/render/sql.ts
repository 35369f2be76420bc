import { safeText } from "../ground/safe-text.js";
import type { SqlReport } from "../report/sql.js";
import type { Paper } from "./paper.js";
import { renderTable } from "./table.js";

const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL)/;

/** A query's answer, for people. */
export function renderSql({ columns, rows }: SqlReport, paper: Paper): string {
  return renderTable(
    columns.map(({ name, type }, i) => ({
      title: safeText(name),
      align: NUMBER.test(type) ? "right" : "left",
      // A narrow window has the first columns.
      ...(i === 0 ? {} : { keep: columns.length - i }),
    })),
    rows.map((row) => row.map(cell)),
    paper,
  );
}

function cell(value: unknown): string {
  if (value === null) return "";
  return safeText(typeof value === "object" ? JSON.stringify(value) : String(value));
}
