import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { DIAGNOSTICS } from "../../src/explain/diagnostics.js";
import { FLAG_COLUMNS } from "../../src/explain/flags.js";
import { explain, nearestWord, words } from "../../src/explain/lookup.js";
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
