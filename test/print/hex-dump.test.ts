import { expect, test } from "@jest/globals";
import { Bytes } from "../../src/ground/bytes.js";
import { hexDump } from "../../src/print/hex-dump.js";
import { PrintedRecord } from "../../src/print/record.js";
import { LE64, recordIn } from "../support/formats.js";
import { plainEnv } from "../support/plain-env.js";

test.each([
  [8, "\n03020100 07060504\n"],
  [6, "\n00 01 02 03 04 05\n"],
])("__print_hex_dump() in groups of four, of %d bytes: a row that they do not divide is bytes", (length, text) => {
  const bytes = new Bytes(
    Uint8Array.from({ length }, (_, i) => i),
    LE64,
  );
  const record = new PrintedRecord(LE64).open(recordIn(bytes), plainEnv(8));
  const style = { prefix: "", prefixType: 0, rowSize: 16, groupSize: 4, ascii: false };
  expect(hexDump(record, 0, length, style)).toBe(text);
});
