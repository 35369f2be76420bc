import { fill, widthOf } from "../../ground/fill.js";

/** Columns that an event's text needs to stand in a column of its own. */
const ROOM = 40;
/** Where what is left of a line stands in a window that has less. */
const MARGIN = 4;

/** Lines for a window: what goes beyond it continues below, under the event's text or behind a margin. */
export function inWindow(lines: string, columns: number): string {
  return lines
    .split("\n")
    .map((line) => (widthOf(line) > columns ? continued(line, columns) : line))
    .join("\n");
}

function continued(line: string, columns: number): string {
  const start = /^(# )? */.exec(line)![0];
  const textAt = widthOf(line.slice(0, line.indexOf(": ") + 2));
  const margin = columns - textAt >= ROOM && textAt > start.length ? textAt : MARGIN;
  const [first, ...rest] = fill(line.slice(start.length), columns - margin, columns - start.length);
  const before = start.startsWith("#") ? "#".padEnd(margin) : " ".repeat(margin);
  return [`${start}${first}`, ...rest.map((part) => `${before}${part}`)].map((part) => part.trimEnd()).join("\n");
}
