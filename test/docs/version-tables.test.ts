import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { type ChangeRow, rangeText } from "../../src/ground/changes.js";
import { sinceText } from "../../src/ground/release.js";
import { VERSION_TABLES } from "../../src/report/version-tables.js";

const DOCS = resolve(import.meta.dirname, "../../docs");
/** `npm run golden` writes the tables anew. */
const UPDATE = process.env.RBTOOL_UPDATE_GOLDEN !== undefined;

const PAGES = [
  ["format.md", "layout"],
  ["recovery.md", "boot"],
  ["mmap.md", "mapping"],
  ["mmap.md", "reading"],
  ["events.md", "printing"],
] as const;

function markdown(rows: readonly ChangeRow[]): string {
  return [
    "| since | what changes | evidence | source |",
    "|---|---|---|---|",
    ...rows.map((row) => {
      const since = row.until === undefined ? sinceText(row.since) : rangeText(row);
      return `| ${since} | ${row.change} | ${row.evidence} | ${row.source} |`;
    }),
  ].join("\n");
}

test.each(PAGES)("docs/%s shows the rows of %s", (page, subject) => {
  const path = join(DOCS, page);
  const text = readFileSync(path, "utf8");
  const start = `<!-- rows of ${subject}: npm run golden -->\n`;
  const from = text.indexOf(start) + start.length;
  expect(from).toBeGreaterThan(start.length);
  const to = text.indexOf("\n<!-- end -->", from);
  const table = markdown(VERSION_TABLES[subject]);
  if (UPDATE) writeFileSync(path, text.slice(0, from) + table + text.slice(to));
  else expect(text.slice(from, to)).toBe(table);
});

test("every table is on a page", () => {
  expect(PAGES.map(([, subject]) => subject).sort()).toEqual(Object.keys(VERSION_TABLES).sort());
});
