import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { DIAGNOSTICS } from "../../src/explain/diagnostics.js";
import { DELAYS, FLAG_COLUMNS } from "../../src/explain/flags.js";
import { explain, nearestWord, words } from "../../src/explain/lookup.js";
import { DIAGNOSTIC_CODES } from "../../src/ground/diagnostics.js";
import { MEMORY_KINDS } from "../../src/machine/memory-kind.js";
import { VERSION_TABLES } from "../../src/report/version-tables.js";
import { RECORD_KIND_NAMES } from "../../src/ring/records.js";
import * as structs from "../../src/ring/structs.js";
import { overheadMark } from "../../src/text/graph-duration.js";
import { LatencyColumn } from "../../src/text/latency.js";

const docs = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");

test("docs/diagnostics.md shows the example of every finding", () => {
  const shown = [...docs("diagnostics.md").matchAll(/^\| `([a-z-]+)` \| \w+ \| `(.*)` \|$/gm)];
  expect(shown.map(([, code, example]) => [code, example])).toEqual(
    Object.entries(DIAGNOSTICS).map(([code, { example }]) => [code, example]),
  );
});

test("every word is found, however it is written, and a misspelt one leads to it", () => {
  for (const { kind, words: list } of words())
    for (const word of list) {
      expect(explain(word).map((found) => found.kind)).toContain(kind);
      expect(explain(word.toUpperCase().replaceAll("-", "_"))).not.toEqual([]);
    }
  expect(explain("reader-page")).toEqual(explain("reader page"));
  expect(nearestWord("reader pgae")).toBe("reader page");
  expect(explain("nonsense")).toEqual([]);
});

test("every flag that the kernel prints is explained", () => {
  for (const lazy of [true, false]) {
    const column = new LatencyColumn(lazy);
    for (let flags = 0; flags < 256; flags++) {
      const text = column.text(flags, 0x21);
      const [entry] = explain(text);
      expect({ text, kind: entry?.kind }).toEqual({ text, kind: "flags" });
      [...text].slice(0, 3).forEach((letter, i) => {
        expect(Object.keys(FLAG_COLUMNS[i]!.letters)).toContain(letter);
      });
    }
  }
});

test("a release and a word of a kernel's change list the rows", () => {
  expect(explain("7.2.13").map(({ means }) => means)).toContainEqual(
    expect.stringContaining("an invalid page is dropped alone"),
  );
  expect(explain("6.12.8").map(({ means }) => means)).not.toContainEqual(expect.stringContaining("dropped alone"));
  expect(explain("unsigned long").every(({ kind }) => kind === "kernel behaviour")).toBe(true);
});

test("every word says what it means, shows an example and what to do", () => {
  const all = words().flatMap(({ kind, words: list }) =>
    list.map((word) => explain(word).find((found) => found.kind === kind)!),
  );
  expect(all.length).toBeGreaterThan(180);
  for (const { means, example, advice } of all)
    for (const text of [means, example, advice]) expect(text.trim().length).toBeGreaterThan(0);
});

test("what the code's own lists name is explained", () => {
  const fields = Object.values(structs).flatMap((table) =>
    typeof table === "object" && "fields" in table && table.name !== "buffer_data_page"
      ? Object.keys(table.fields)
      : [],
  );
  expect(fields.length).toBeGreaterThan(20);
  const named = [
    ...Object.keys(DIAGNOSTIC_CODES),
    ...RECORD_KIND_NAMES,
    ...MEMORY_KINDS,
    ...FLAG_COLUMNS.map(({ title }) => title),
    ...fields,
  ];
  expect(named.filter((word) => explain(word).every(({ kind }) => kind === "kernel behaviour"))).toEqual([]);
});

test("every row of every table of kernels is among those of its release", () => {
  const rows = Object.values(VERSION_TABLES).flat();
  expect(rows.length).toBeGreaterThan(30);
  for (const { since, change } of rows)
    expect(explain(since).map(({ means }) => means)).toContainEqual(expect.stringContaining(change));
});

test("the marks of what took long are those that are printed", () => {
  for (const [mark, than] of DELAYS) {
    const [count, unit] = than.split(" ") as [string, "s" | "ms" | "us"];
    const ns = Number(count) * { s: 1e9, ms: 1e6, us: 1e3 }[unit];
    expect([overheadMark(ns + 1), overheadMark(ns) === mark]).toEqual([mark, false]);
  }
});

test("a mark that is printed by itself is explained, and other signs lead nowhere", () => {
  for (const [mark] of DELAYS) expect(explain(mark).map(({ kind }) => kind)).toContain("mark");
  expect(nearestWord("%")).toBeUndefined();
  expect(explain("sub-buffer")).toEqual(explain("subbuf"));
});
