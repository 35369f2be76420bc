import { expect, test } from "@jest/globals";
import { wrap } from "../../src/render/wrap.js";

test.each([17, 18, 19])(
  "of the two spaces between pairs none begins or ends a line: the first line's last word has %i letters",
  (letters) => {
    const words = ["x".repeat(20), "y".repeat(letters), "z"];
    const lines = wrap(words.join("  "), { columns: 40 }, "  ").split("\n");
    expect(lines.at(-1)).toMatch(/^ {2}\S/);
    for (const line of lines) expect(line).toBe(line.trimEnd());
  },
);
