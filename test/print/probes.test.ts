import { describe, expect, test } from "@jest/globals";
import { compileFormat } from "../../src/print/compile.js";
import type { PrintEnv } from "../../src/print/env.js";
import { parseDynamicEvents } from "../../src/system/formats/dynamic-events.js";
import { FormatTable } from "../../src/system/formats/table.js";
import { event, type Field, formatText, LE64, record, recordIn } from "../support/formats.js";
import { plainEnv } from "../support/plain-env.js";

const env: PrintEnv = {
  ...plainEnv(8),
  symbol: (_hi, lo, style) => (style === "s" ? "first" : `first+0x${(lo & 0xff).toString(16)}/0x80`),
};

const PROBE: Field[] = [
  ["unsigned long __probe_ip", 8, 8, 0],
  ["__data_loc char[] a", 16, 4, 0],
  ["__data_loc char[] b", 20, 4, 0],
];

const BYTES = record(32, LE64, (v, u) => {
  v.setBigUint64(8, 0xffffffff81000104n, true);
  v.setUint32(16, 24 | (3 << 16), true);
  v.setUint32(20, 27, true);
  u.set([0x68, 0x69, 0], 24);
});

test("a string of a probe that could not be read is a fault, without quotes", () => {
  const probe = event(PROBE, '"(%lx) a=\\"%s\\" b=\\"%s\\"", REC->__probe_ip, __get_str(a), __get_str(b)', LE64);
  expect(probe.print(recordIn(BYTES, 0, 32), env)).toBe('event: (first+0x4/0x80) a="hi" b=(fault)');
  const plain = event(PROBE.slice(1), '"a=\\"%s\\" b=\\"%s\\"", __get_str(a), __get_str(b)', LE64);
  expect(plain.print(recordIn(BYTES, 0, 32), env)).toBe('event: a="hi" b=""');
});

test("an eprobe has no place; its strings are a probe's", () => {
  const eprobe = event(PROBE.slice(1), '" a=\\"%s\\" b=\\"%s\\"", __get_str(a), __get_str(b)', LE64);
  expect(eprobe.print(recordIn(BYTES, 0, 32), env)).toBe('event:  a="hi" b=(fault)');
});

test("with sym-addr the place of a probe has its address", () => {
  const probe = event(PROBE, '"(%lx) a=\\"%s\\"", REC->__probe_ip, __get_str(a)', LE64);
  expect(probe.print(recordIn(BYTES, 0, 32), { ...env, symAddr: true })).toBe(
    'event: (first+0x4/0x80 <ffffffff81000104>) a="hi"',
  );
});

test("with sym-addr the place of a uprobe, in a program, is the number alone", () => {
  const probe = event(PROBE, '"(%lx) a=\\"%s\\"", REC->__probe_ip, __get_str(a)', LE64);
  const at = (place: bigint) =>
    record(32, LE64, (v) => {
      v.setBigUint64(8, place, true);
      v.setUint32(16, 24 | (3 << 16), true);
    });
  const unnamed: PrintEnv = { ...env, symbol: (hi, lo) => `0x${((BigInt(hi) << 32n) | BigInt(lo)).toString(16)}` };
  const text = (place: bigint, names: PrintEnv) => probe.print(recordIn(at(place), 0, 32), { ...names, symAddr: true });
  // Linux 7.3.4 printed "up_n: (0x401ba3)".
  expect(text(0x401ba3n, unnamed)).toBe('event: (0x401ba3) a=""');
  // Where kernels lie as low as programs, as on s390x, a name tells them apart.
  expect(text(0x401ba3n, env)).toBe('event: (first+0xa3/0x80 <0000000000401ba3>) a=""');
  expect(text(0xffffffffc0001000n, unnamed)).toBe('event: (0xffffffffc0001000 <ffffffffc0001000>) a=""');
});

// 7.2.13 on arm64 and s390x, where an fprobe and a kretprobe were on vfs_read: `fp_ret: ([unknown/kretprobe'd] <- vfs_read)`.
test("where a kretprobe has the return address, a probe's place is not known", () => {
  const fields: Field[] = [
    ["unsigned long __probe_func", 8, 8, 0],
    ["unsigned long __probe_ret_ip", 16, 8, 0],
  ];
  const probe = event(fields, '"(%lx <- %lx)", REC->__probe_func, REC->__probe_ret_ip', LE64);
  const symbol: PrintEnv["symbol"] = (_hi, _lo, style) =>
    style === "s" ? "vfs_read" : "__kretprobe_trampoline+0x0/0x18";
  expect(probe.print(recordIn(BYTES, 0, 32), { ...env, symbol })).toBe("event: ([unknown/kretprobe'd] <- vfs_read)");
});

describe("whose place a probe is on", () => {
  const RETURN: Field[] = [
    ["unsigned long __probe_func", 8, 8, 0],
    ["unsigned long __probe_ret_ip", 16, 8, 0],
  ];
  const ENTRY = RETURN.slice(0, 1).map(([, ...rest]): Field => ["unsigned long __probe_ip", ...rest]);
  const unnamed: PrintEnv = {
    ...env,
    symbol: (hi, lo, style) =>
      hi === 0xffffffff ? env.symbol(hi, lo, style) : `0x${((BigInt(hi) << 32n) | BigInt(lo)).toString(16)}`,
  };
  const at = (first: bigint, second: bigint) =>
    record(24, LE64, (v) => {
      v.setBigUint64(8, first, true);
      v.setBigUint64(16, second, true);
    });
  const text = (system: string, fields: Field[], places: readonly [bigint, bigint], names = unnamed) => {
    const print =
      fields.length > 1 ? '"(%lx <- %lx)", REC->__probe_func, REC->__probe_ret_ip' : '"(%lx)", REC->__probe_ip';
    const probe = event(fields, print, LE64, "7.3.4", system, "pr");
    return probe.print(recordIn(at(...places), 0, 24), names);
  };
  const IN_KERNEL = 0xffffffff81880b90n;

  // 7.3.4 printed these: `fret: (0 <- 0)`, `fret: (0x7 <- 0x00044330)`, `up1: (0xffffffff81880b90)`.
  test("the system that it is in tells, where it was given none", () => {
    expect(text("fprobes", RETURN, [0n, 0n])).toBe("pr: (0 <- 0)");
    expect(text("kprobes", RETURN, [0x44330n, 7n])).toBe("pr: (0x7 <- 0x00044330)");
    expect(text("kprobes", ENTRY, [0n, 0n])).toBe("pr: (0)");
    expect(text("uprobes", ENTRY, [IN_KERNEL, 0n])).toBe("pr: (0xffffffff81880b90)");
    expect(text("uprobes", ENTRY, [0n, 0n])).toBe("pr: (0x0)");
    expect(text("uprobes", RETURN, [IN_KERNEL, 7n], { ...unnamed, symAddr: true })).toBe(
      "pr: (0x7 <- 0xffffffff81880b90)",
    );
    expect(text("kprobes", ENTRY, [0x401ba3n, 0n], { ...unnamed, symAddr: true })).toBe(
      "pr: (0x401ba3 <0000000000401ba3>)",
    );
    expect(text("mine", ENTRY, [IN_KERNEL, 0n])).toBe("pr: (first+0x90/0x80)");
  });

  test("dynamic_events tells of all", () => {
    const listed = `p:mine/up /bin/busybox:0x0000000000001000 a=%di:u64
r:mine/ret /usr/lib/a.so:0x0000000000000f10(0x20) arg1=%ax
p:mine/kp vfs_read a=%di
r32:mine/module xfs:xfs_file_open+0 arg1=$retval
f:mine/fp vfs_open%return
t:mine/tp kmalloc
`;
    const told = [...parseDynamicEvents(listed)].map(([name, { inProgram }]) => `${name.slice(5)} ${inProgram}`);
    expect(told).toEqual(["up true", "ret true", "kp false", "module false", "fp false", "tp false"]);
  });
});

test("dynamic_events tells what an eprobe is on", () => {
  const table = new FormatTable(LE64, "7.3.4", "p:lab/other vfs_read\ne:lab/event sched.sched_switch prev=$prev_pid\n");
  const file = formatText(PROBE.slice(1), '" a=\\"%s\\"", __get_str(a)', "event");
  table.add({ bytes: Buffer.from(file), system: "lab", path: "lab" });
  const other = Buffer.from(file.replace("ID: 1000", "ID: 1001"));
  table.add({ bytes: other, system: "elsewhere", path: "elsewhere" });
  expect([...table.formats()].map(({ probed }) => probed)).toEqual(["sched.sched_switch", undefined]);
  const [format] = [...table.formats()];
  expect(compileFormat(format!, { abi: LE64 }).print(recordIn(BYTES, 0, 32), env)).toBe(
    'event: (sched.sched_switch) a="hi"',
  );
});

test("a string that an event only points at may be refused", () => {
  const fields: Field[] = [
    ["const char * first", 8, 8, 0],
    ["const char * second", 16, 8, 0],
    ["char own[8]", 24, 8, 0],
  ];
  const e = event(fields, '"%s %*s %s", REC->first, 4, REC->second, REC->own', LE64);
  const bytes = record(32, LE64, (v, u) => {
    v.setBigUint64(8, 0x1000n, true);
    v.setBigUint64(16, 0x2000n, true);
    u.set([0x6f, 0x6b, 0], 24);
  });
  const text = (safe: (lo: number) => boolean) =>
    e.print(recordIn(bytes, 0, 32), { ...env, string: () => "s", safeString: (_hi, lo) => safe(lo) });
  expect(text(() => true)).toBe("event: s    s ok");
  expect(text((lo) => lo === 0x2000)).toBe("event: EVENT event: HAS UNSAFE POINTER FIELD 'first'");
  // Of two, the kernel comes to the last first.
  expect(text(() => false)).toBe("event: EVENT event: HAS UNSAFE POINTER FIELD 'second'");
  expect(e.print(recordIn(bytes, 0, 32), { ...env, string: () => "s" })).toBe("event: s    s ok");
});

// 7.2.13 on s390x and ppc64le: `out: (0x27 <- __func__.1) ret=8388608`, of a function of scsi_mod.
test("the function of a return probe has no module", () => {
  const fields: Field[] = [
    ["unsigned long __probe_func", 8, 8, 0],
    ["unsigned long __probe_ret_ip", 16, 8, 0],
  ];
  const probe = event(fields, '"(%lx <- %lx)", REC->__probe_func, REC->__probe_ret_ip', LE64);
  const symbol: PrintEnv["symbol"] = (_hi, _lo, style) => `scsi_done${style === "s" ? "" : "+0x4/0x18"} [scsi_mod]`;
  expect(probe.print(recordIn(BYTES, 0, 32), { ...env, symbol })).toBe(
    "event: (scsi_done+0x4/0x18 [scsi_mod] <- scsi_done)",
  );
});
