import { expect, test } from "@jest/globals";
import { compileFormat } from "../../src/print/compile.js";
import { parseFormat } from "../../src/system/formats/parse-format.js";
import { body, event, type Field, formatText, LE32, LE64, printed, record, recordIn } from "../support/formats.js";
import { plainEnv } from "../support/plain-env.js";

test.each([
  ["REC->i + 1", 0x7fffffffn, "-2147483648"],
  ["REC->w * 3", 0x80000001n, "-2147483645"],
  ["REC->i / 2", -5n, "-2"],
  ["REC->i % 3", -5n, "-2"],
  ["REC->w >> 31", 0x80000000n, "1"],
  ["REC->i >> 31", 0x80000000n, "-1"],
  ["REC->i << 4", 0x0ffffffn, "268435440"],
  ["~REC->i", 5n, "-6"],
  ["-REC->i", 5n, "-5"],
  ["!REC->x", 0n, "1"],
  ["!!REC->x", 1n << 40n, "1"],
  ["REC->x == 0xffffffffffffffff", -1n, "1"],
  ["REC->i < REC->w", -1n, "0"],
  ["REC->sx < 0", -1n, "1"],
  ["REC->x < 0", -1n, "0"],
  ["REC->x > 1 && REC->x < 10", 5n, "1"],
  ["REC->x == 1 || REC->x == 5", 5n, "1"],
  ["REC->x ? 7 : 9", 1n << 63n, "7"],
  ["(u8)REC->w", 0x1ffn, "255"],
  ["(s8)REC->w", 0x1ffn, "-1"],
  ["(unsigned short)REC->i", -1n, "65535"],
  ["(bool)REC->x", 1n << 35n, "1"],
  ["(int)(REC->x >> 32)", 0x500000000n, "5"],
  ["(int)(REC->x >> 4)", 0x500000000n, "1342177280"],
  ["(int)((REC->x << 33) >> 33)", 7n, "7"],
  ["sizeof(u64) + sizeof(unsigned int) + sizeof(void *)", 0n, "20"],
  ["'A'", 0n, "65"],
  ["010 + 0x10", 0n, "24"],
  ["2 + 3 * 4 - 6 / 2", 0n, "11"],
  ["1 << 2 + 1", 0n, "8"],
  ["6 & 3 | 8 ^ 1", 0n, "11"],
  ["TCP_LISTEN", 0n, "10"],
  ["__builtin_expect(!!(REC->x), 0)", 3n, "1"],
  ["({ int a = (REC->i); int b = (128); ((a) < (b) ? (a) : (b)); })", 500n, "128"],
])("%s with %s is %s", (expression, value, text) => {
  expect(printed("%d", expression, value)).toBe(text);
});

test.each([
  ["REC->x + 1", 0xffffffffffffffffn, "0"],
  ["REC->x - 1", 0n, "ffffffffffffffff"],
  ["REC->x * 16", 0x1000000000000001n, "10"],
  ["REC->x / 10", 0xffffffffffffffffn, "1999999999999999"],
  ["REC->x & ~0xffUL", 0x123456789abcdefn, "123456789abcd00"],
  ["REC->x | (1ULL << 63)", 1n, "8000000000000001"],
  ["REC->x ^ -1UL", 0n, "ffffffffffffffff"],
  ["(unsigned long)REC->i", -1n, "ffffffffffffffff"],
  ["(unsigned long)REC->w", -1n, "ffffffff"],
  ["((u64)REC->w << 32) | REC->w", 0x12345678n, "1234567812345678"],
  ["REC->sx >> 4", -1n, "ffffffffffffffff"],
  ["REC->x >> REC->b", 0x1004n, "100"],
])("64 bits: %s with %s is %s", (expression, value, text) => {
  expect(printed("%llx", expression, value)).toBe(text);
});

test("division by zero costs its place, not the line", () => {
  expect(printed("%d %d", "4 / REC->i, REC->w", 0n)).toBe("<division by zero> 0");
  expect(printed("%llu", "4 / REC->x", 0n)).toBe("<division by zero>");
});

test("a value that depends on a variable of the kernel is marked", () => {
  expect(printed("age=%lu x=%d", "jiffies - REC->x, REC->i", 5n)).toBe("age=<unknown> x=5");
  expect(printed("%p", "(((struct page *)vmemmap_base) + (REC->x))", 5n)).toBe("(___unknown____)");
});

const DYNAMIC: Field[] = [
  ["__data_loc char[] name", 8, 4, 0],
  ["__rel_loc char[] rel", 12, 4, 0],
  ["__data_loc u16[] numbers", 16, 4, 0],
  ["__data_loc cpumask_t[] mask", 20, 4, 0],
  ["char comm[8]", 24, 8, 0],
  ["unsigned long args[2]", 32, 16, 0],
  ["const char * text", 48, 8, 0],
];

function dynamic(printFmt: string, change: (v: DataView, u: Uint8Array) => void = () => {}): string {
  return body(
    event(DYNAMIC, printFmt),
    record(96, LE64, (v, u, le) => {
      const put = (at: number, text: string) => u.set(new TextEncoder().encode(text), at);
      v.setUint32(8, 56 | (6 << 16), le);
      put(56, "hello\0");
      v.setUint32(12, (62 - 16) | (4 << 16), le);
      put(62, "rel\0");
      v.setUint32(16, 68 | (4 << 16), le);
      v.setUint16(68, 0x1234, le);
      v.setUint16(70, 7, le);
      v.setUint32(20, 72 | (8 << 16), le);
      u[72] = 0x0f;
      put(24, "init\0xx");
      v.setBigUint64(32, 1n, le);
      v.setBigUint64(40, 0xffffffff81000000n, le);
      change(v, u);
    }),
  );
}

test("dynamic arrays, strings, arrays", () => {
  expect(dynamic('"%s|%s|%s", __get_str(name), __get_rel_str(rel), REC->comm')).toBe("hello|rel|init");
  expect(dynamic('"%.*s %d", 2, __get_str(name), __get_dynamic_array_len(numbers)')).toBe("he 4");
  expect(dynamic('"%s", __get_str(name)[0] ? "some" : "none"')).toBe("some");
  expect(dynamic('"%lx %lx %c", REC->args[0], REC->args[1], __get_str(name)[1]')).toBe("1 ffffffff81000000 e");
  expect(dynamic('"%s", __print_array(__get_dynamic_array(numbers), __get_dynamic_array_len(numbers) / 2, 2)')).toBe(
    "{0x1234,0x7}",
  );
  expect(dynamic('"%s", __print_dynamic_array(numbers, sizeof(u16))')).toBe("{0x1234,0x7}");
  expect(dynamic('"%d", ((u16 *)__get_dynamic_array(numbers))[1]')).toBe("7");
  expect(dynamic('"%s", __print_hex(__get_dynamic_array(numbers), 4)')).toBe("34 12 07 00");
  expect(dynamic('"%s", __print_hex_str(__get_dynamic_array(numbers), 4)')).toBe("34120700");
  expect(dynamic('"%s", __get_cpumask(mask)')).toBe("00000000,0000000f");
  expect(dynamic('"%s", REC->text')).toBe("(null)");
});

test("what lies beyond the record is marked, and nothing outside is read", () => {
  const far = (v: DataView) => v.setUint32(8, 4000 | (6 << 16), true);
  expect(dynamic('"%s", __get_str(name)', far)).toBe("<OVERFLOW>");
  expect(dynamic('"%d", __get_str(name)[0]', far)).toBe("<data beyond the record>");
  const endless = (v: DataView, u: Uint8Array) => {
    v.setUint32(8, 92 | (4 << 16), true);
    u.fill(0x61, 92);
  };
  expect(dynamic('"%s", __get_str(name)', endless)).toBe("aaaa<OVERFLOW>");
  expect(dynamic('"%s", __print_dynamic_array(numbers, 2)', (v) => v.setUint32(16, 92 | (0xffff << 16), true))).toBe(
    "{0x0,0x0,<OVERFLOW>}",
  );
});

test("flags and symbols, as trace_print_flags_seq() and trace_print_symbols_seq() print them", () => {
  const flags = '__print_flags(REC->w, "|", { 1, "A" }, { 2, "B" }, { 6, "BC" }, { (1UL << 31), "TOP" })';
  expect(printed("%s", flags, 0n)).toBe("");
  expect(printed("%s", flags, 3n)).toBe("A|B");
  expect(printed("%s", flags, 6n)).toBe("B|0x4");
  expect(printed("%s", flags, 0x80000010n)).toBe("TOP|0x10");
  expect(printed("%s", '__print_flags(REC->x, ",", { 1ULL << 40, "HIGH" })', (1n << 40n) | 5n)).toBe("HIGH,0x5");
  const symbols = '__print_symbolic(REC->i, { 0, "zero" }, { -1, "minus" }, { 3, "" })';
  expect(printed("%s", symbols, 0n)).toBe("zero");
  expect(printed("%s", symbols, -1n)).toBe("minus");
  expect(printed("%s", symbols, 3n)).toBe("0x3");
  expect(printed("%s", symbols, -2n)).toBe("0xfffffffffffffffe");
  expect(printed("%s", symbols, -2n, LE32)).toBe("0xfffffffe");
  expect(printed("%s", symbols, -1n, LE32)).toBe("minus");
});

/** What an event says of a record that begins with 8 bytes of common fields and w = 5. */
function told(printFmt: string): { text: string; markers: readonly { conversion: string; reason: string }[] } {
  const e = event([["u32 w", 8, 4, 0]], printFmt);
  const bytes = record(12, LE64, (v) => v.setUint32(8, 5, true));
  const { markers } = e;
  return { text: e.body(recordIn(bytes, 0, 12), plainEnv(8)), markers };
}

test("only the conversion that cannot be told is given up: a marker with the raw values", () => {
  expect(told('"%d %s %u", REC->w, no_such_function(REC->w, "s"), 7')).toEqual({
    text: "5 <no_such_function(0x5,s)> 7",
    markers: [{ conversion: "no_such_function()", reason: expect.stringContaining("unknown function") }],
  });
  expect(told('"%s|%s", SOME_CONSTANT_X, REC->w ? nothing_known(REC->w) : "zero"').text).toBe(
    "<SOME_CONSTANT_X()>|<nothing_known(0x5)>",
  );
  expect(told('"%d %d", 1 + no_such(REC->w), REC->w').text).toBe("<1 + no_such(0x5)> 5");
  expect(told('"%d %d %d", (REC->w +), REC->nothing, REC->w').text).toBe("<(REC->w +)(0x5)> <REC->nothing(?)> 5");
  expect(told('"%d %d", REC->w').text).toBe("5 <no argument()>");
});

test("a print format that is none prints the fields, and says why", () => {
  for (const bad of ['"abc', "abc"]) {
    const e = event([["u32 w", 8, 4, 0]], bad);
    expect(e.failure).toEqual(expect.any(String));
    expect(e.print(recordIn(record(12, LE64, () => {})), plainEnv(8))).toBe("event: w=0x0 (0)");
  }
});

/** What another machine's compiler makes of what C leaves open. */
function onMachine(machine: string | undefined, printFmt: string, fill: (view: DataView) => void): string {
  const fields: Field[] = [
    ["u64 x", 8, 8, 0],
    ["unsigned char count", 16, 1, 0],
    ["bool yes", 17, 1, 0],
  ];
  const format = parseFormat(formatText(fields, printFmt), LE64, "test");
  return body(compileFormat(format, { abi: LE64, machine }), record(24, LE64, fill));
}

test("powerpc takes seven bits of a 64-bit shift's count, six of a 32-bit one's", () => {
  // 7.2.13+deb14-powerpc64le-64k: `alarmtimer_cancel: ... type: expires:31` of 8, `mc_event: ... grain:0` of 255.
  const text = (machine: string | undefined, count: number): string =>
    onMachine(machine, '"%lx %d", 1UL << REC->count, 1 << REC->count', (view) => view.setUint8(16, count));
  expect(text("ppc64le", 255)).toBe("0 0");
  expect(text("ppc64le", 129)).toBe("2 2");
  expect(text("x86_64", 255)).toBe("8000000000000000 -2147483648");
});

test("a bool that is neither 0 nor 1: arm64 looks at its lowest bit", () => {
  // 7.2.13+deb14-cloud-arm64: `mmap_lock_acquire_returned: ... write=false success=false`.
  const text = (machine: string, yes: number): string =>
    onMachine(machine, '"%s %d", REC->yes ? "true" : "false", !REC->yes', (view) => view.setUint8(17, yes));
  expect([text("aarch64", 64), text("aarch64", 255)]).toEqual(["false 1", "true 0"]);
  expect([text("s390x", 64), text("riscv64", 64)]).toEqual(["true 0", "true 0"]);
});
