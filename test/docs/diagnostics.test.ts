import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { DIAGNOSTIC_CODES } from "../../src/ground/diagnostics.js";

test("docs/diagnostics.md lists every code with its severity, and no other", () => {
  const text = readFileSync(new URL("../../docs/diagnostics.md", import.meta.url), "utf8");
  const listed = [...text.matchAll(/^\| `([a-z-]+)` \| (\w+) \|/gm)].map(([, code, severity]) => [code, severity]);
  expect(listed).toEqual(Object.entries(DIAGNOSTIC_CODES));
});
