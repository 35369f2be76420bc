import { expect, test } from "@jest/globals";
import { BE64, body, event, type Field, LE32, LE64, printed, record } from "../support/formats.js";

test.each([
  ["%d", "REC->i", -5n, "-5"],
  ["%u", "REC->w", -1n, "4294967295"],
  ["%d", "REC->w", 0xffffffffn, "-1"],
  ["%x", "REC->i", -1n, "ffffffff"],
  ["%lx", "REC->i", -1n, "ffffffffffffffff"],
  ["%lu", "(unsigned long)REC->i", -2n, "18446744073709551614"],
  ["%llu", "REC->x", 0xffffffffffffffffn, "18446744073709551615"],
  ["%lld", "REC->x", 0xffffffffffffffffn, "-1"],
  ["%Lu", "REC->x", 9007199254740993n, "9007199254740993"],
  ["%lld", "REC->sx", -9007199254740993n, "-9007199254740993"],
  ["%lld", "REC->sx", -0x8000000000000000n, "-9223372036854775808"],
  ["%llx", "REC->x", 0x100000001n, "100000001"],
  ["%llX", "REC->x", 0xabcdef0123n, "ABCDEF0123"],
  ["%016llx", "REC->x", 0xabcn, "0000000000000abc"],
  ["%#x", "REC->w", 0n, "0x0"],
  ["%#x", "REC->w", 255n, "0xff"],
  ["%#o", "REC->w", 8n, "010"],
  ["%#o", "REC->w", 0n, "0"],
  ["%#010x", "REC->w", 255n, "0x000000ff"],
  ["%#16llx", "REC->x", 255n, "            0xff"],
  ["%+d", "REC->i", 5n, "+5"],
  ["% d", "REC->i", 5n, " 5"],
  ["%5d|", "REC->i", -42n, "  -42|"],
  ["%-5d|", "REC->i", -42n, "-42  |"],
  ["%05d", "REC->i", -42n, "-0042"],
  ["%-05d|", "REC->i", 42n, "42   |"],
  ["%.4d", "REC->i", 42n, "0042"],
  ["%8.4x|", "REC->w", 0xabn, "    00ab|"],
  ["%*d|", "6, REC->i", 42n, "    42|"],
  ["%*d|", "-6, REC->i", 42n, "42    |"],
  ["%*d|", "REC->i, 42", -6n, "42    |"],
  ["%*d|", "REC->i, 42", 6n, "    42|"],
  ["%0*llx", "(int)8 * 2, REC->x", 0xabn, "00000000000000ab"],
  ["%hhu", "REC->w", 0x1ffn, "255"],
  ["%hd", "REC->w", 0xffffn, "-1"],
  ["%c%c", "REC->b, 66", 65n, "AB"],
  ["100%%", "", 0n, "100%"],
  ["%s", '"abc"', 0n, "abc"],
  ["%5s|%-5s|", '"abc", "abc"', 0n, "  abc|abc  |"],
  ["%.2s", '"abc"', 0n, "ab"],
  ["%s", 'REC->x ? "yes" : "no"', 0n, "no"],
  ["%p", "(void *)REC->x", 0n, "0000000000000000"],
  ["%p", "(void *)REC->x", -2n, "fffffffffffffffe"],
  ["%p", "(void *)REC->x", 0xffff888000000000n, "ffff888000000000"],
  ["%px", "(void *)REC->x", 0x1234n, "0000000000001234"],
  ["%pe", "(void *)REC->x", -2n, "-ENOENT"],
  ["%pS", "(void *)REC->x", 0x1234n, "0x1234"],
  ["%pM", "REC->x", 0n, "(null)"],
])("%s of %s with %s is %s", (format, args, value, text) => {
  expect(printed(format, args, value)).toBe(text);
  expect(printed(format, args, value, BE64)).toBe(text);
});

test("long is four bytes for a 32-bit writer", () => {
  expect(printed("%lx", "(unsigned long)REC->x", 0x1_2345_6789n, LE32)).toBe("23456789");
  expect(printed("%ld", "(long)REC->i", -1n, LE32)).toBe("-1");
  expect(printed("%p", "(void *)REC->w", 0xc0001000n, LE32)).toBe("c0001000");
});

function bytesEvent(format: string, args: string, bytes: readonly number[], abi = LE64): string {
  const e = event(
    [
      ["u8 data[32]", 8, 32, 0],
      ["u8 n", 40, 1, 0],
    ],
    `${JSON.stringify(format)}, ${args}`,
    abi,
  );
  return body(
    e,
    record(44, abi, (_v, u) => {
      u.set(bytes, 8);
      u[40] = bytes.length;
    }),
  );
}

const MAC = [0x00, 0x1b, 0x21, 0xab, 0xcd, 0xef];
const UUID = Array.from({ length: 16 }, (_, i) => i + 0xa0);

test.each([
  ["%pM", MAC, "00:1b:21:ab:cd:ef"],
  ["%pm", MAC, "001b21abcdef"],
  ["%pMF", MAC, "00-1b-21-ab-cd-ef"],
  ["%pMR", MAC, "ef:cd:ab:21:1b:00"],
  ["%pI4", [192, 168, 0, 1], "192.168.0.1"],
  ["%pi4", [192, 168, 0, 1], "192.168.000.001"],
  ["%pI4l", [1, 0, 168, 192], "192.168.0.1"],
  ["%pI6", [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "fe80:0000:0000:0000:0000:0000:0000:0001"],
  ["%pi6", [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "fe800000000000000000000000000001"],
  ["%pI6c", [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "fe80::1"],
  ["%pI6c", Array(16).fill(0) as number[], "::"],
  ["%pI6c", [0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], "2001:db8:0:1::"],
  ["%pI6c", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1], "::ffff:10.0.0.1"],
  ["%pISpc", [2, 0, 0, 80, 10, 0, 0, 1], "10.0.0.1:80"],
  ["%pISpc", [10, 0, 1, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "[::1]:443"],
  ["%pISpc", [77, 0], "(einval)"],
  ["%pUb", UUID, "a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf"],
  ["%pUL", UUID, "A3A2A1A0-A5A4-A7A6-A8A9-AAABACADAEAF"],
])("%s of %j is %s", (format, bytes, text) => {
  expect(bytesEvent(format, "REC->data", bytes as number[])).toBe(text);
  expect(bytesEvent(format, "&REC->data[0]", bytes as number[])).toBe(text);
});

test("bytes in hex, with each separator, and bitmaps", () => {
  expect(bytesEvent("%*ph", "REC->n, REC->data", [1, 2, 0xff])).toBe("01 02 ff");
  expect(bytesEvent("%*phC", "REC->n, REC->data", [1, 2, 0xff])).toBe("01:02:ff");
  expect(bytesEvent("%*phD", "REC->n, REC->data", [1, 2, 0xff])).toBe("01-02-ff");
  expect(bytesEvent("%3phN", "REC->data", [1, 2, 0xff])).toBe("0102ff");
  // As 7.1.13 and 7.3.4 print devlink_hwmsg with a len below 0.
  expect(bytesEvent("%*phD", "-3, REC->data", [1, 2, 0xff])).toBe("01-02-ff");
  expect(bytesEvent("%*pbl", "-16, REC->data", [0x0f, 0x80])).toBe("0-3,15");
  expect(bytesEvent("%*pb", "40, REC->data", [0x0f, 0, 0, 0, 0x81])).toBe("81,0000000f");
  expect(bytesEvent("%*pbl", "40, REC->data", [0x0f, 0, 0, 0, 0x81])).toBe("0-3,32,39");
  expect(bytesEvent("%*pbl", "64, REC->data", [0, 0, 0, 0, 0, 0, 0, 0x0f], BE64)).toBe("0-3");
});

test("a precision below 0 is no limit up to 6.13, and none is left since", () => {
  const fields: Field[] = [
    ["int n", 8, 4, 1],
    ["char s[8]", 12, 8, 0],
  ];
  const bytes = record(20, LE64, (v, u8) => {
    v.setInt32(8, -1, true);
    u8.set(Buffer.from("text"), 12);
  });
  expect(body(event(fields, '"%.*s|", REC->n, REC->s', LE64, "6.12.107"), bytes)).toBe("text|");
  expect(body(event(fields, '"%.*s|", REC->n, REC->s', LE64, "7.3.4"), bytes)).toBe("|");
});

test("a precision leaves the mark of what lies beyond the record whole", () => {
  const fields: Field[] = [["__data_loc char[] s", 8, 4, 0]];
  const e = event(fields, '"%.*s|", 4, 1 ? __get_str(s) : (void *)0', LE64);
  const at = (offset: number) => record(20, LE64, (v) => v.setUint32(8, offset | (4 << 16), true));
  expect(body(e, at(200))).toBe("<OVERFLOW>|");
  expect(body(e, at(12))).toBe("|");
});

test.each([
  ["phys_addr_t", 4, "0xfe204000"],
  ["phys_addr_t", 8, "0x00000001fe204000"],
])("%%pa of a %s of %d bytes, as wide as the writer has it", (type, size, text) => {
  const fields: Field[] = [[`${type} base`, 8, size, 0]];
  const bytes = record(16, LE32, (v) => v.setBigUint64(8, 0x1fe204000n, true));
  expect(body(event(fields, '"%pa", &REC->base', LE32), bytes)).toBe(text);
});
