import { INT, UINT } from "../system/formats/ctype.js";
import { FormatError } from "../system/formats/errors.js";
import { arg, type Calls, type Emit, text } from "./call.js";
import { fn } from "./library.js";
import { constant, constOf } from "./value.js";

/** A function that returns its argument (page-table accessors without paravirtualisation; __builtin_expect). */
const same: Emit = (g, args, at) => g.expr(arg(args, 0, at));

const onOff =
  (yes: string, no: string): Emit =>
  (g, args, at) =>
    text(`(${g.truth(g.expr(arg(args, 0, at)))}?${JSON.stringify(yes)}:${JSON.stringify(no)})`);

/** ilog2 of a value: 63 - clz. */
function ilog2(k: bigint): bigint {
  return BigInt(k.toString(2).length - 1);
}

const constantly =
  (f: (k: bigint) => bigint): Emit =>
  (g, args, at) => {
    const k = constOf(g.expr(arg(args, 0, at)));
    if (k === undefined) throw new FormatError("a constant is expected", at);
    return constant(f(BigInt.asUintN(64, k)), INT, g.longSize);
  };

export const BUILTIN_CALLS: Calls = {
  __builtin_expect: same,
  __builtin_constant_p: (g, args, at) =>
    constant(constOf(g.expr(arg(args, 0, at))) === undefined ? 0n : 1n, INT, g.longSize),
  __builtin_clzll: constantly((k) => (k === 0n ? 64n : 63n - ilog2(k))),
  __ilog2_u32: constantly((k) => (k === 0n ? -1n : ilog2(k))),
  __ilog2_u64: constantly((k) => (k === 0n ? -1n : ilog2(k))),
  __order_base_2: constantly((k) => (k > 1n ? ilog2(k - 1n) + 1n : 0n)),
  __builtin_types_compatible_p: (g) => constant(0n, INT, g.longSize),
  jiffies_to_msecs: (g, args, at) => {
    const v = g.convert(g.expr(arg(args, 0, at)), g.ulong);
    const p = g.pair(v);
    if (p === undefined) return { r: "n", code: `${fn.jiffiesToMsecsB}(${g.big(v)},E.hz)`, t: UINT, nonNegative: true };
    return { r: "n", code: `${fn.jiffiesToMsecs}(${p.hi},${p.lo},E.hz)`, t: UINT, nonNegative: true };
  },
  pte_val: same,
  pmd_val: same,
  pud_val: same,
  p4d_val: same,
  pgd_val: same,
  native_make_pte: same,
  native_make_pmd: same,
  native_make_pud: same,
  native_make_p4d: same,
  native_make_pgd: same,
  str_on_off: onOff("on", "off"),
  str_read_write: onOff("read", "write"),
  str_yes_no: onOff("yes", "no"),
  str_true_false: onOff("true", "false"),
  str_enable_disable: onOff("enable", "disable"),
  str_enabled_disabled: onOff("enabled", "disabled"),
  str_up_down: onOff("up", "down"),
  str_write_read: onOff("write", "read"),
};
