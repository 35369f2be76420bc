import { expect, test } from "@jest/globals";
import { Bytes } from "../../src/ground/bytes.js";
import { compileBprintf } from "../../src/print/bprintf.js";
import type { PrintEnv } from "../../src/print/env.js";
import { filterType } from "../../src/print/event-fields.js";
import { event, type Field, LE32, LE64, record, recordIn } from "../support/formats.js";
import { plainEnv } from "../support/plain-env.js";

const FIELDS: Field[] = [
  ["char comm[8]", 8, 8, 0],
  ["u8 c", 16, 1, 0],
  ["u16 h", 18, 2, 0],
  ["int i", 20, 4, 1],
  ["unsigned long ip", 24, 8, 0],
  ["__data_loc char[] name", 32, 4, 0],
  ["__data_loc u8[] raw", 36, 4, 0],
  ["unsigned long args[2]", 40, 16, 0],
];

const BYTES = record(64, LE64, (v, u) => {
  u.set([0x69, 0x6e, 0x69, 0x74], 8);
  u[16] = 0x41;
  v.setUint16(18, 300, true);
  v.setInt32(20, -2, true);
  v.setBigUint64(24, 0xffffffff81000100n, true);
  v.setUint32(32, 56 | (4 << 16), true);
  u.set([0x61, 0x07, 0x62, 0], 56);
  v.setUint32(36, 60 | (3 << 16), true);
  u.set([1, 2, 0xff], 60);
});

const env: PrintEnv = {
  ...plainEnv(8),
  kernelFields: true,
  symbol: (_hi, lo) => (lo === 0x81000100 ? "first+0x0/0x80" : `0x${lo.toString(16)}`),
};

test("field by field, as each version prints (print_fields(), kernel/trace/trace_output.c)", () => {
  const print = (release: string) => event(FIELDS, '""', LE64, release).printFields(recordIn(BYTES, 0, 64), env);
  const start = "event: comm=init c='A'(65) h=0x12c (300) i=0xfffffffe (-2)";
  expect(print("6.12.107")).toBe(
    `${start} ip=0xffffffff81000100 (-2130706176) name=a\x07b raw=01,02,ff args=<INVALID-SIZE>`,
  );
  expect(print("6.17.8")).toBe(`${start} ip=first+0x0/0x80 (-2130706176) name=a\x07b raw=01,02,ff args=<INVALID-SIZE>`);
  expect(print("7.3.4")).toBe(
    `${start} ip=first+0x0/0x80 (-2130706176) name=a.b. (61:07:62:00) raw=01,02,ff args=<INVALID-SIZE>`,
  );
});

test("fields beyond the record", () => {
  const e = event(FIELDS, '""');
  expect(e.printFields(recordIn(BYTES, 0, 22), env)).toBe(
    "event: comm=init c='A'(65) h=0x12c (300) i=<OVERFLOW> ip=<OVERFLOW> name=<OVERFLOW> raw=<OVERFLOW> args=<OVERFLOW>",
  );
});

test("dynamic arrays end with the record at the latest", () => {
  const e = event(FIELDS, '""', LE64, "7.3.4");
  const shown = (length: number) =>
    / name=(.*) raw=(.*) args=/.exec(e.printFields(recordIn(BYTES, 0, length), env))!.slice(1);
  expect(shown(63)).toEqual(["a.b. (61:07:62:00)", "01,02,ff"]);
  expect(shown(62)).toEqual(["a.b. (61:07:62:00)", "<OVERFLOW>"]);
  expect(shown(60)).toEqual(["a.b. (61:07:62:00)", "<OVERFLOW>"]);
  expect(shown(59)).toEqual(["<OVERFLOW>", "<OVERFLOW>"]);
});

test("types as filter_assign_type() sorts them", () => {
  expect(
    [
      "char[16]",
      "const char *",
      "__data_loc char[]",
      "__rel_loc char[]",
      "__data_loc cpumask_t[]",
      "char",
      "u8[4]",
    ].map(filterType),
  ).toEqual(["static_string", "ptr_string", "dyn_string", "rdyn_string", "cpumask", "other", "other"]);
});

const OPENAT: Field[] = [
  ["int __syscall_nr", 8, 4, 1],
  ["int dfd", 16, 8, 0],
  ["const char * filename", 24, 8, 0],
  ["int flags", 32, 8, 0],
  ["umode_t mode", 40, 8, 0],
  ["__data_loc char[] __filename_val", 48, 4, 0],
];

function openat(flags: number, release: string): string {
  const bytes = record(64, LE64, (v, u) => {
    v.setBigUint64(16, 0xffffff9cn, true);
    v.setBigUint64(24, 0x1000n, true);
    v.setUint32(32, flags, true);
    v.setUint32(40, 0o644, true);
    v.setUint32(48, 52 | (3 << 16), true);
    u.set([0x2f, 0x61, 0], 52);
  });
  return event(OPENAT, '""', LE64, release, "syscalls", "sys_enter_openat").print(recordIn(bytes, 0, 64), plainEnv(8));
}

test("system calls, as each version prints (print_syscall_enter(), kernel/trace/trace_syscalls.c)", () => {
  expect(openat(0x241, "6.17.8")).toBe("sys_openat(dfd: ffffff9c, filename: 1000, flags: 241, mode: 1a4)");
  expect(openat(0, "6.18.15")).toBe("sys_openat(dfd: 0xffffff9c, filename: 0x1000, flags: 0, mode: 0x1a4)");
  expect(openat(0x241, "7.3.4")).toBe(
    'sys_openat(dfd: 4294967196, filename: 4096 "/a", flags: O_WRONLY|O_CREAT|O_TRUNC, mode: 0644)',
  );
  expect(openat(0, "7.3.4")).toBe('sys_openat(dfd: 4294967196, filename: 4096 "/a", flags: O_RDONLY)');
  expect(openat(0x80000, "7.3.4")).toBe('sys_openat(dfd: 4294967196, filename: 4096 "/a", flags: O_RDONLY|O_CLOEXEC)');
});

test("with the option verbose, arguments have their types, and openat() is printed as others are", () => {
  const printed = (release: string, flags: bigint, mode: bigint, name: string) => {
    const bytes = record(64, LE64, (v, u) => {
      v.setBigUint64(16, 0xffffff9cn, true);
      v.setBigUint64(24, release < "7" ? 0x39cbab98n : 0x297a9acbn, true);
      v.setBigUint64(32, flags, true);
      v.setBigUint64(40, mode, true);
      v.setUint32(48, 52 | ((name.length + 1) << 16), true);
      u.set(new TextEncoder().encode(name), 52);
    });
    const fields = release < "7" ? OPENAT.slice(0, 5) : OPENAT;
    const format = event(fields, '""', LE64, release, "syscalls", "sys_enter_openat");
    return format.print(recordIn(bytes, 0, 64), { ...plainEnv(8), verbose: true });
  };
  // As these two kernels printed.
  expect(printed("7.2.13+deb14-cloud-amd64", 0x241n, 0o666n, "/tmp/x")).toBe(
    'sys_openat(int dfd: 0xffffff9c, const char * filename: 0x297a9acb "/tmp/x", int flags: 0x241, umode_t mode: 0x1b6)',
  );
  expect(printed("6.12.107+deb13-cloud-amd64", 0x241n, 0o666n, "")).toBe(
    "sys_openat(int dfd: ffffff9c, const char * filename: 39cbab98, int flags: 241, umode_t mode: 1b6)",
  );
});

test("an argument called nr is shown; a call's number of that name, as old kernels had it, is not", () => {
  const bytes = record(24, LE64, (v) => {
    v.setInt32(8, 5, true);
    v.setBigUint64(16, 12n, true);
  });
  const call = (number: string) =>
    event(
      [
        [`int ${number}`, 8, 4, 1],
        ["int nr", 16, 8, 0],
      ],
      '""',
      LE64,
      "7.3.4",
      "syscalls",
      "sys_enter_io_submit",
    ).print(recordIn(bytes, 0, 24), plainEnv(8));
  expect(call("__syscall_nr")).toBe("sys_io_submit(nr: 0xc)");
  expect(call("nr")).toBe("sys_io_submit(nr: 0xc)");
});

test("user events are printed field by field, probes with their place as a symbol", () => {
  const user = event([["u32 n", 8, 4, 0]], '"n=%u", REC->n', LE64, "7.3.4", "user_events", "mine");
  expect(user.print(recordIn(record(12, LE64, (v) => v.setUint32(8, 7, true))), env)).toBe("mine: n=0x7 (7)");
  const probe = event(
    [
      ["unsigned long __probe_ip", 8, 8, 0],
      ["u64 a", 16, 8, 0],
    ],
    '"(%lx) a=0x%Lx", REC->__probe_ip, REC->a',
    LE64,
    "7.3.4",
    "kprobes",
    "p",
  );
  const bytes = record(24, LE64, (v) => {
    v.setBigUint64(8, 0xffffffff81000100n, true);
    v.setBigUint64(16, 16n, true);
  });
  expect(probe.print(recordIn(bytes, 0, 24), env)).toBe("p: (first+0x0/0x80) a=0x10");
});

test("arguments of trace_printk() as vbin_printf() packs them", () => {
  const packed = record(64, LE64, (v, u) => {
    v.setInt32(0, -5, true);
    v.setBigUint64(4, 0x1122334455667788n, true);
    u.set(new TextEncoder().encode("text\0"), 12);
    u[17] = 0x58;
    v.setBigUint64(20, 0xffffffff81000100n, true);
    u.set(new TextEncoder().encode("10.0.0.1\0"), 28);
    v.setInt32(40, 3, true);
  });
  const run = (format: string, end: number, release = "7.3") =>
    compileBprintf(format, LE64, release)(recordIn(packed, 0, end), 0, env);
  expect(run("%d %llx %s %c %ps %pI4 %hhd\n", 44)).toBe("-5 1122334455667788 text X first+0x0/0x80 10.0.0.1 3\n");
  expect(run("%d %llx", 8)).toBe("-5 <OVERFLOW>");
  const narrow = new Bytes(Uint8Array.from([0xff, 0, 0x34, 0x12, 1, 0, 0, 0]), LE32);
  const print = (release: string) => compileBprintf("%hhd %hx %ld", LE32, release)(recordIn(narrow), 0, env);
  expect(print("6.12")).toBe("-1 1234 1");
  expect(print("7.3")).toBe("-1 1 <OVERFLOW>");
});

test("a width and a precision below 0 that trace_printk() was given", () => {
  const packed = record(32, LE64, (v, u) => {
    v.setInt32(0, -6, true);
    v.setInt32(4, -1, true);
    u.set(new TextEncoder().encode("text\0"), 8);
  });
  const run = (release: string) => compileBprintf("[%*.*s]", LE64, release)(recordIn(packed, 0, 16), 0, env);
  // Left-aligned; the precision is none up to 6.13, and since then 0 (set_precision(), lib/vsprintf.c).
  expect(run("6.12")).toBe("[text  ]");
  expect(run("7.3")).toBe("[      ]");
});

test("where no kernel speaks, arrays show their data", () => {
  const text = event(FIELDS, '""', LE64, "7.3.4").printFields(recordIn(BYTES, 0, 64), { ...env, kernelFields: false });
  expect(text).toMatch(/ args=\{0x[0-9a-f]+(?:,0x[0-9a-f]+)*\}$/);
});
