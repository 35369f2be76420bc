import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { TextSink } from "../../src/print/text-sink.js";

/** One character a byte. */
const bytes = fc.array(fc.constantFrom('"', "a", ",", "\\", "\n", "~", "\x7f", "é"), { maxLength: 60 });

test("a character is doubled in what was written last, and nowhere else, however little room there is", () => {
  fc.assert(
    fc.property(bytes, bytes, fc.integer({ min: 0, max: 40 }), (before, last, repeats) => {
      const out = new TextSink(1);
      out.text(before.join(""));
      const from = out.at;
      const text = last.join("").repeat(repeats);
      out.text(text);
      out.double(from, 34);
      out.text("!");
      expect(out.take().toString("latin1")).toBe(`${before.join("")}${text.replaceAll('"', '""')}!`);
    }),
  );
});

test("what is doubled may be all that there is", () => {
  const out = new TextSink(1);
  out.text('"'.repeat(10_000));
  out.double(0, 34);
  expect(out.take().toString("latin1")).toBe('"'.repeat(20_000));
});

test("ASCII is told from what is not, in what was written last", () => {
  fc.assert(
    fc.property(bytes, bytes, (before, last) => {
      const out = new TextSink(8);
      out.text(before.join(""));
      const from = out.at;
      out.text(last.join(""));
      expect(out.asciiSince(from)).toBe(!last.includes("é"));
    }),
  );
});
