import { type CType, INT, intType, U64, UINT } from "../system/formats/ctype.js";
import { FormatError } from "../system/formats/errors.js";
import { arg, type Calls, type Emit, inRecord, text } from "./call.js";
import { fn } from "./library.js";
import { STRING_CHOICES } from "./string-choices.js";
import { constant, constOf, widthOf } from "./value.js";

/** A function that returns its argument (page-table accessors without paravirtualisation; __builtin_expect). */
const same: Emit = (g, args, at) => g.expr(arg(args, 0, at));

const CHOICES: Calls = Object.fromEntries(
  [...STRING_CHOICES].map(([name, [yes, no]]): [string, Emit] => [
    name,
    (g, args, at) => text(`(${g.truth(g.expr(arg(args, 0, at)))}?"${yes}":"${no}")`),
  ]),
);

/** A pure function of one integer of `size` bytes; constants are worked out at once. */
const pure =
  (size: 1 | 2 | 4 | 8 | "long", f: (k: bigint) => bigint, result: CType): Emit =>
  (g, args, at) => {
    const t = intType(size === "long" ? g.longSize : size, false);
    const v = g.convert(g.expr(arg(args, 0, at)), t);
    const k = constOf(v);
    if (k !== undefined) return constant(f(k), result, g.longSize);
    const code = `${g.keep(f)}(${g.big(v)})`;
    return widthOf(result, g.longSize) === 8
      ? { r: "b", code, t: result }
      : { r: "n", code: `Number(${code})`, t: result };
  };

/** The bytes of a number, the other way round. */
function swap(size: 2 | 4 | 8): Emit {
  const f = (k: bigint): bigint => {
    let out = 0n;
    for (let i = 0; i < size; i++) out = (out << 8n) | ((k >> BigInt(8 * i)) & 0xffn);
    return out;
  };
  return pure(size, f, intType(size, false));
}

/** A number of the record in a byte order of its own: get_unaligned_le16(p), __be32_to_cpup(p). */
const pointed =
  (size: 2 | 4 | 8, littleEndian: boolean): Emit =>
  (g, args, at) => {
    const t = intType(size, false);
    const code = `${fn.loadAs}(R,${inRecord(g, arg(args, 0, at))},${size},${littleEndian})`;
    g.risky = true;
    return size === 8 ? { r: "b", code, t } : { r: "n", code: `Number(${code})`, t, nonNegative: true };
  };

/** Position of the highest bit, from 1; 0 when there is none. */
const fls = (k: bigint): bigint => (k === 0n ? 0n : BigInt(k.toString(2).length));
/** Position of the lowest bit, from 1; 0 when there is none. */
const ffs = (k: bigint): bigint => (k === 0n ? 0n : fls(k & -k));
const ctz =
  (bits: bigint) =>
  (k: bigint): bigint =>
    k === 0n ? bits : ffs(k) - 1n;
const weight = (k: bigint): bigint => BigInt(k.toString(2).replaceAll("0", "").length);
const ilog2 = (k: bigint): bigint => fls(k) - 1n;

const S64 = intType(8, true);

/** Division of a signed 64-bit number by a constant, towards 0 (ktime_divns()). */
const dividedBy =
  (by: bigint): Emit =>
  (g, args, at) => ({
    r: "b",
    code: `(${g.big(g.convert(g.expr(arg(args, 0, at)), S64))}/${by}n)`,
    t: S64,
  });

/** A quotient of two numbers of these types. */
const quotient =
  (a: CType, b: CType): Emit =>
  (g, args, at) => {
    g.risky = true;
    const code = `${fn.divB}(${g.big(g.convert(g.expr(arg(args, 0, at)), a))},${g.big(g.convert(g.expr(arg(args, 1, at)), b))})`;
    return g.wrap(code, a);
  };

export const BUILTIN_CALLS: Calls = {
  __builtin_expect: same,
  __builtin_constant_p: (g, args, at) =>
    constant(constOf(g.expr(arg(args, 0, at))) === undefined ? 0n : 1n, INT, g.longSize),
  __builtin_choose_expr: (g, args, at) => {
    const k = constOf(g.expr(arg(args, 0, at)));
    if (k === undefined) throw new FormatError("a constant is expected", at);
    return g.expr(arg(args, k === 0n ? 2 : 1, at));
  },
  __builtin_bswap16: swap(2),
  __builtin_bswap32: swap(4),
  __builtin_bswap64: swap(8),
  __fswab16: swap(2),
  __fswab32: swap(4),
  __fswab64: swap(8),
  __swab16: swap(2),
  __swab32: swap(4),
  __swab64: swap(8),
  __le16_to_cpup: pointed(2, true),
  __le32_to_cpup: pointed(4, true),
  __le64_to_cpup: pointed(8, true),
  __be16_to_cpup: pointed(2, false),
  __be32_to_cpup: pointed(4, false),
  __be64_to_cpup: pointed(8, false),
  get_unaligned_le16: pointed(2, true),
  get_unaligned_le32: pointed(4, true),
  get_unaligned_le64: pointed(8, true),
  get_unaligned_be16: pointed(2, false),
  get_unaligned_be32: pointed(4, false),
  get_unaligned_be64: pointed(8, false),
  __builtin_clz: pure(4, (k) => 32n - fls(k), INT),
  __builtin_clzl: (g, args, at) => pure("long", (k) => BigInt(8 * g.longSize) - fls(k), INT)(g, args, at),
  __builtin_clzll: pure(8, (k) => 64n - fls(k), INT),
  __builtin_ctz: pure(4, ctz(32n), INT),
  __builtin_ctzl: (g, args, at) => pure("long", ctz(BigInt(8 * g.longSize)), INT)(g, args, at),
  __builtin_ctzll: pure(8, ctz(64n), INT),
  __builtin_ffs: pure(4, ffs, INT),
  __builtin_ffsl: pure("long", ffs, INT),
  __builtin_ffsll: pure(8, ffs, INT),
  __builtin_popcount: pure(4, weight, INT),
  __builtin_popcountl: pure("long", weight, INT),
  __builtin_popcountll: pure(8, weight, INT),
  ffs: pure(4, ffs, INT),
  fls: pure(4, fls, INT),
  fls64: pure(8, fls, INT),
  __ffs: pure("long", ctz(64n), INT),
  __fls: pure("long", ilog2, INT),
  is_power_of_2: pure("long", (k) => (k !== 0n && (k & (k - 1n)) === 0n ? 1n : 0n), INT),
  __ilog2_u32: pure(4, ilog2, INT),
  __ilog2_u64: pure(8, ilog2, INT),
  __order_base_2: pure("long", (k) => (k > 1n ? fls(k - 1n) : 0n), INT),
  __arch_hweight8: pure(1, weight, UINT),
  __arch_hweight16: pure(2, weight, UINT),
  __arch_hweight32: pure(4, weight, UINT),
  __arch_hweight64: pure(8, weight, U64),
  __sw_hweight8: pure(1, weight, UINT),
  __sw_hweight16: pure(2, weight, UINT),
  __sw_hweight32: pure(4, weight, UINT),
  __sw_hweight64: pure(8, weight, U64),
  // include/linux/ktime.h
  ktime_to_ns: same,
  ns_to_ktime: same,
  ktime_to_us: dividedBy(1000n),
  ktime_to_ms: dividedBy(1_000_000n),
  // include/linux/math64.h
  div_u64: quotient(U64, UINT),
  div64_u64: quotient(U64, U64),
  div64_ul: quotient(U64, U64),
  div_s64: quotient(S64, INT),
  div64_s64: quotient(S64, S64),
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
  ...CHOICES,
};
