import { expect, test } from "@jest/globals";
import { compileFormat } from "../../src/print/compile.js";
import { longSizeIn } from "../../src/system/formats/long-size.js";
import { parseFormat } from "../../src/system/formats/parse-format.js";
import { body, event, type Field, formatText, LE64, record, recordIn } from "../support/formats.js";
import { plainEnv } from "../support/plain-env.js";

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

test.each([
  ["kgsl_pwr_set_state", "kgsl_pwrstate_to_str(REC->bytes[0])", "INIT"],
  [
    "kgsl_fire_event",
    '__print_symbolic(REC->bytes[1], { KGSL_EVENT_RETIRED, "retired" }, { KGSL_EVENT_CANCELLED, "cancelled" })',
    "cancelled",
  ],
  [
    "kgsl",
    '__print_flags(REC->bytes[3], "|", { (1UL << (KGSL_FT_OFF)), "off" }, { (1UL << (KGSL_FT_SKIPCMD)), "skip" })',
    "off|skip|0x7e",
  ],
  ["virtio_video", '__print_symbolic(REC->flags + 0xa2, { VIRTIO_VIDEO_CMD_STREAM_DESTROY, "destroy" })', "destroy"],
  ["systrace", '__print_flags(REC->bytes[0], "", { SYSTRACE_EVENT_BEGIN, "B" }, { SYSTRACE_EVENT_END, "E" })', "B"],
  ["mm_event", '__print_symbolic(REC->bytes[1], { MM_READ_IO, "read_io" })', "read_io"],
])("what vendors' drivers name: %s", (system, argument, text) => {
  expect(shown("%s", argument, "5.10.43", system)).toBe(text);
});

test("fields with blanks for tabs, or with nothing in front: a copy that went through other hands", () => {
  const text = formatText(FIELDS, '"%lld", REC->now');
  for (const copy of [text.replaceAll("\t", "        "), text.replace(/\t(?=field)/g, "")])
    expect(body(compileFormat(parseFormat(copy, LE64, "sched"), { abi: LE64 }), bytes)).toBe("-5");
});

test("a flexible array without its brackets", () => {
  const fields: Field[] = [
    ["int size", 8, 4, 1],
    ["unsigned long caller", 16, 0, 0],
  ];
  const stack = record(32, LE64, (v) => v.setBigUint64(24, 0xffffffff81000010n, true));
  expect(body(event(fields, '"%08lx %08lx", REC->caller[0], REC->caller[1]', LE64, "3.10.49"), stack)).toBe(
    "00000000 ffffffff81000010",
  );
});

test("a file without a print format shows its fields", () => {
  const text = formatText(FIELDS, "").replace(/print fmt: .*/, "");
  const e = compileFormat(parseFormat(text, LE64, "sched"), { abi: LE64 });
  expect(e.failure).toBeUndefined();
  expect(e.print(recordIn(bytes, 0, 24), plainEnv(8))).toMatch(
    /^event: now=.* flags=0x60 \(96\) bytes=\{0x1,0x2,0xfe,0xff\}$/,
  );
});

test.each([4, 8] as const)("a long of %d bytes, told by the format files", (size) => {
  const format = (declaration: string) => parseFormat(formatText([[declaration, 8, size, 0]], '""'), LE64, "test");
  expect(longSizeIn([format("unsigned long addr")])).toBe(size);
  expect(longSizeIn([format("struct sock * sk")])).toBe(size);
  expect(longSizeIn([format("unsigned long long time"), format("u64 at")])).toBeUndefined();
  expect(longSizeIn([])).toBeUndefined();
});
