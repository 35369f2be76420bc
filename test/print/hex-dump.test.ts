import { expect, test } from "@jest/globals";
import type { PrintEnv } from "../../src/print/env.js";
import { hexDump } from "../../src/print/hex-dump.js";

test.each([
  [8, "\n03020100 07060504\n"],
  [6, "\n00 01 02 03 04 05\n"],
])("__print_hex_dump() in groups of four, of %d bytes: a row that they do not divide is bytes", (length, text) => {
  const bytes = Uint8Array.from({ length }, (_, i) => i);
  const view = new DataView(bytes.buffer);
  expect(hexDump({} as PrintEnv, view, bytes, true, 0, length, 0, length, "", 0, 16, 4, false)).toBe(text);
});
