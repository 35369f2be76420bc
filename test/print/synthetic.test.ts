import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { Bytes } from "../../src/ground/bytes.js";
import { compileFormat } from "../../src/print/compile.js";
import type { PrintEnv } from "../../src/print/env.js";
import { buildContext } from "../../src/system/context.js";
import { parseFormat } from "../../src/system/formats/parse-format.js";
import { loadContextFiles } from "../../src/system/load.js";
import { KERNELS } from "../support/collection.js";
import { event, type Field, formatText, LE64, record, recordIn } from "../support/formats.js";
import { plainEnv } from "../support/plain-env.js";

/** Of 7.2.13+deb14-cloud-amd64, as are the record and its lines. */
const STACK: Field[] = [
  ["pid_t pid", 8, 4, 1],
  ["u64 delta", 16, 8, 0],
  ["__data_loc unsigned long[] stack", 24, 8, 1],
];
const STACK_FORMAT = '"pid=%d delta=%llu stack=%s", REC->pid, REC->delta, __get_stacktrace(stack)';
const WRITTEN = new Bytes(
  Uint8Array.from(
    Buffer.from(
      "74060105000000000000000000000000e325000000000000200048000000000008000000000000003c8b2482ffffffffe7922482ffffffff" +
        "e30a2582ffffffff14474781ffffffff6a5b4781fffffffff4173b81ffffffff31a22f81ffffffff5a752a81ffffffff",
      "hex",
    ),
  ),
  LE64,
);
const SYMBOLS: Readonly<Record<number, string>> = {
  2183433020: "__schedule+0x8fc/0x1070",
  2183434983: "schedule+0x27/0xa0",
  2183465699: "schedule_timeout+0xa3/0x120",
  2168932116: "rcu_gp_fqs_loop+0xf4/0x440",
  2168937322: "rcu_gp_kthread+0x9a/0x130",
  2168133620: "kthread+0xe4/0x120",
  2167382577: "ret_from_fork+0x2b1/0x340",
  2167043418: "ret_from_fork_asm+0x1a/0x30",
};
const ENV: PrintEnv = { ...plainEnv(8), symbol: (_hi, lo) => SYMBOLS[lo] ?? `0x${lo.toString(16)}` };

const stack = event(STACK, STACK_FORMAT, LE64, "7.2.13", "synthetic", "stk");

test("a stack of a synthetic event has a symbol a line, and no count", () => {
  expect(stack.print(recordIn(WRITTEN), ENV)).toBe(`stk: pid=0 delta=9699 stack=STACK:
=> __schedule+0x8fc/0x1070
=> schedule+0x27/0xa0
=> schedule_timeout+0xa3/0x120
=> rcu_gp_fqs_loop+0xf4/0x440
=> rcu_gp_kthread+0x9a/0x130
=> kthread+0xe4/0x120
=> ret_from_fork+0x2b1/0x340
=> ret_from_fork_asm+0x1a/0x30
`);
});

test("with the option verbose each field has its conversion in front; field by field a stack is of no type", () => {
  const verbose = stack.print(recordIn(WRITTEN), { ...ENV, verbose: true });
  expect(verbose.split("\n")[0]).toBe("stk: %d pid=0 %llu delta=9699 %s stack=STACK:");
  expect(stack.printFields(recordIn(WRITTEN), { ...ENV, kernelFields: true })).toBe(
    "stk: pid=0x0 (0) delta=0x25e3 (9699) stack=<INVALID-TYPE>",
  );
});

test("a stack that leads beyond the record ends there", () => {
  const text = stack.print(recordIn(WRITTEN, 0, 56), ENV);
  expect(text).toContain("=> schedule+0x27/0xa0\n");
  expect(text).not.toContain("schedule_timeout");
  expect(text).toContain("<OVERFLOW>");
});

test("numbers shorter than an int have no sign; strings end at their NUL", () => {
  const fields: Field[] = [
    ["s8 a", 8, 1, 1],
    ["s16 b", 16, 2, 1],
    ["s32 c", 24, 4, 1],
    ["s64 d", 32, 8, 1],
    ["u32 g", 40, 4, 0],
    ["char s[]", 48, 16, 1],
    ["__data_loc char[] t", 304, 8, 1],
  ];
  const bytes = record(320, LE64, (v, u) => {
    v.setInt8(8, -2);
    v.setInt16(16, -3, true);
    v.setInt32(24, -4, true);
    v.setBigInt64(32, -5n, true);
    v.setUint32(40, 0xfffffff0, true);
    u.set([0x6c, 0x73, 0], 48);
    v.setUint32(304, 312 | (3 << 16), true);
    u.set([0x68, 0x69, 0], 312);
  });
  const format = event(fields, '"unused"', LE64, "7.2.13", "synthetic", "num");
  expect(format.print(recordIn(bytes), ENV)).toBe("num: a=254 b=65533 c=-4 d=-5 g=4294967280 s=ls t=hi");
});

/** Of 7.3.4+deb13-amd64, as are the records and their lines. */
const FLAGS: Field[] = [
  ["unsigned int a", 8, 4, 0],
  ["long b", 16, 8, 1],
  ["gfp_t g", 24, 4, 0],
  ["unsigned long c", 32, 8, 0],
  ["pid_t p", 40, 4, 1],
  ["char z", 48, 1, 1],
  ["bool q", 56, 1, 1],
];
const FLAGS_WRITTEN = [
  "4a0600f900000000ffffffff00000000ffffffffffffffff0001000000000000ffffffffffffffffffffffff00000000ff00000000000000ff000000",
  "4a0610020000000025000000000000000e0000000000000078000400000000003abf9682ffffffff0200000000000000070000000000000010000000",
];

describe("the flags of a gfp_t", () => {
  const release = "7.3.4+deb13-cloud-amd64";
  const { formats } = buildContext(
    loadContextFiles({ events: join(KERNELS, release, "events.tar.gz"), release }),
    LE64,
  );
  const text = formatText(FLAGS, '"unused"', "num2");
  const format = parseFormat(text, LE64, "synthetic");
  const made = compileFormat(format, { abi: LE64, release, formats: formats.byId });
  const line = (hex: string, from = made) => from.print(recordIn(new Bytes(Buffer.from(hex, "hex"), LE64)), ENV);

  test("have the names that kmem/kmalloc lists, and a NUL behind them", () => {
    expect(FLAGS_WRITTEN.map((hex) => line(hex))).toEqual([
      "num2: a=4294967295 b=-1 g=100  (__GFP_ZERO\0)c=18446744073709551615 p=-1 z=255 q=255",
      "num2: a=37 b=14 g=40078  (__GFP_MOVABLE|__GFP_RECLAIMABLE|__GFP_HIGH|__GFP_IO|__GFP_COMP\0)" +
        "c=18446744071605501754 p=2 z=7 q=16",
    ]);
    expect(made.fatal).toBeUndefined();
  });

  test("without a name are the end of a kernel from 6.19 on", () => {
    const unnamed = FLAGS_WRITTEN[0]!.replace("0001000000000000", "0001000001000000");
    line(unnamed);
    expect([made.canKill, made.fatal !== undefined]).toEqual([true, true]);
  });

  test("are a number alone where no format lists them", () => {
    const alone = compileFormat(format, { abi: LE64, release });
    expect(line(FLAGS_WRITTEN[0]!, alone)).toBe(
      "num2: a=4294967295 b=-1 g=100 c=18446744073709551615 p=-1 z=255 q=255",
    );
  });
});
