import { expect, test } from "@jest/globals";
import { compileFormat } from "../../src/print/compile.js";
import { plainEnv } from "../../src/print/env.js";
import { longSizeIn } from "../../src/system/formats/long-size.js";
import { parseFormat } from "../../src/system/formats/parse-format.js";
import { body, event, type Field, formatText, LE64, record } from "../support/formats.js";

// What print formats of kernels from 3.4 to 5.10 hold (Android's, which are public).

const FIELDS: Field[] = [
  ["s64 now", 8, 8, 1],
  ["unsigned int flags", 16, 4, 0],
  ["u8 bytes[4]", 20, 4, 0],
];
const bytes = record(24, LE64, (v, u8) => {
  v.setBigInt64(8, -5n, true);
  v.setUint32(16, 0x60, true);
  u8.set([1, 2, 0xfe, 0xff], 20);
});

/** The text of one argument. */
function shown(conversion: string, argument: string, release: string, system = "test"): string {
  return body(event(FIELDS, `"${conversion}", ${argument}`, LE64, release, system), bytes);
}

test("a compound literal whose member is named", () => {
  expect(shown("%lld", "(((ktime_t) { .tv64 = REC->now }).tv64)", "3.10.49")).toBe("-5");
});

test("the old name of __print_hex()", () => {
  expect(shown("%s", "ftrace_print_hex_seq(p, REC->bytes, 4)", "3.4.0")).toBe("01 02 fe ff");
});

test("enumerators without their values: buffer bits moved down in 5.6", () => {
  const bits = '__print_flags(REC->flags, "", { (1 << BH_New), "N" }, { (1 << BH_Mapped), "M" })';
  expect(shown("%s", bits, "4.4.88")).toBe("NM");
  expect(shown("%s", bits, "5.10.43")).toBe("N0x40");
});

test("a name that one driver's events alone give a meaning", () => {
  const state = '__print_symbolic(REC->bytes[1], { COMPLETE, "done" })';
  expect(shown("%s", state, "7.3.4", "hfi1_sdma")).toBe("done");
  const other = event(FIELDS, `"%s", ${state}`, LE64, "7.3.4", "another");
  expect(other.markers).toEqual([{ conversion: "__print_symbolic()", reason: expect.stringContaining("COMPLETE") }]);
});

test("a file without a print format shows its fields", () => {
  const text = formatText(FIELDS, "").replace(/print fmt: .*/, "");
  const e = compileFormat(parseFormat(text, LE64, "sched"), { abi: LE64 });
  expect(e.failure).toBeUndefined();
  expect(e.print(bytes, 0, 24, plainEnv(8))).toMatch(/^event: now=.* flags=0x60 \(96\) bytes=\{0x1,0x2,0xfe,0xff\}$/);
});

test.each([4, 8] as const)("a long of %d bytes, told by the format files", (size) => {
  const format = (declaration: string) => parseFormat(formatText([[declaration, 8, size, 0]], '""'), LE64, "test");
  expect(longSizeIn([format("unsigned long addr")])).toBe(size);
  expect(longSizeIn([format("struct sock * sk")])).toBe(size);
  expect(longSizeIn([format("unsigned long long time"), format("u64 at")])).toBeUndefined();
  expect(longSizeIn([])).toBeUndefined();
});
