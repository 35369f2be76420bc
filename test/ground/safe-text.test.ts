import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { jsonText } from "../../src/export/ndjson/strings.js";
import { decodeLatin1, encodeLatin1 } from "../../src/ground/latin1.js";
import { safeByteLines, safeBytes, safeJson, safeLines, safeText } from "../../src/ground/safe-text.js";
import { UNSAFE_CHARACTERS } from "../support/unsafe.js";

test("what a terminal would obey or hide becomes visible; text does not", () => {
  expect(safeText("a\x1b[31mb\x07\n\tc\x9b\x7f")).toBe("a\\x1b[31mb\\x07\\x0a\\x09c\\x9b\\x7f");
  expect(safeLines("a\x1b[31mb\x07\n\tc\x9b\x7f")).toBe("a\\x1b[31mb\\x07\n\tc\\x9b\\x7f");
  expect(safeText("\u202egpj.\u200b\u2066\ufeff\u00ad\u2028")).toBe(
    "\\u{202e}gpj.\\u{200b}\\u{2066}\\u{feff}\\xad\\u{2028}",
  );
  // A lone surrogate, and a tag character beyond the first plane.
  expect(safeText("\ud800x\u{e0041}")).toBe("\\u{d800}x\\u{e0041}");
  expect(safeText("größe 🦆 À 日本")).toBe("größe 🦆 À 日本");
});

test("text of one character a byte may be UTF-8, or not", () => {
  const utf8 = encodeLatin1("größe 🦆 À");
  expect(safeBytes(utf8)).toBe(utf8);
  expect(safeByteLines(`${utf8}\n`)).toBe(`${utf8}\n`);
  expect(safeBytes("\xc2\x9b31m\n")).toBe("\\x9b31m\\x0a");
  expect(safeByteLines(encodeLatin1("\u202ex\n"))).toBe("\\u{202e}x\n");
  // What is no UTF-8 is the character of its number: a byte that a terminal takes for C1 is escaped.
  expect(safeBytes("\xe4\x9b\xed\xa0\x80")).toBe(encodeLatin1("ä\\x9bí\xa0\\x80"));
});

test("no text comes out unsafe, and JSON says the same as before", () => {
  const anything = fc.string({ unit: "binary" });
  const bytes = fc.uint8Array().map((array) => Buffer.from(array).toString("latin1"));
  fc.assert(
    fc.property(anything, (text) => {
      expect(safeText(text)).not.toMatch(UNSAFE_CHARACTERS);
      expect(safeLines(text).replace(/[\n\t]/g, "")).not.toMatch(UNSAFE_CHARACTERS);
      expect(safeJson({ text })).not.toMatch(UNSAFE_CHARACTERS);
      expect(JSON.parse(safeJson({ text }))).toEqual({ text });
    }),
  );
  fc.assert(
    fc.property(bytes, (text) => {
      const shown = Buffer.from(safeBytes(text), "latin1");
      expect(shown.toString("utf8")).not.toMatch(UNSAFE_CHARACTERS);
      expect(Buffer.from(shown.toString("utf8"), "utf8").equals(shown)).toBe(true);
      const json = Buffer.from(jsonText(text), "latin1").toString("utf8");
      expect(json).not.toMatch(UNSAFE_CHARACTERS);
      expect(JSON.parse(json)).toBe(decodeLatin1(text));
    }),
  );
});
