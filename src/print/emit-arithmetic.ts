import { type CType, INT, intType, sizeOf } from "../system/formats/ctype.js";
import { FormatError } from "../system/formats/errors.js";
import { fn } from "./library.js";
import type { Represent } from "./represent.js";
import { constant, constOf, isSigned, type Val, widthOf } from "./value.js";

/** Two operands, brought to the type that C gives the result. */
interface Operands {
  readonly a: Val;
  readonly b: Val;
  readonly t: CType;
}

/** C's operators on two operands, as JavaScript. */
export function arithmetic(g: Represent, what: string, operands: Operands): Val {
  const { a, b, t } = operands;
  const [ka, kb] = [constOf(a), constOf(b)];
  const folded = ka === undefined || kb === undefined ? undefined : fold(what, ka, kb);
  if (folded !== undefined) return constant(folded, COMPARISONS.has(what) ? INT : t, g.longSize);
  if (a.r === "n" && b.r === "n" && widthOf(t, g.longSize) < 8) return narrow(g, what, { a, b, t });
  return inHalves(g, what, operands) ?? wide(g, what, operands);
}

type Narrow = Val & { readonly r: "n" };

/** Of at most 32 bits: plain numbers. */
function narrow(
  g: Represent,
  what: string,
  { a, b, t }: { readonly a: Narrow; readonly b: Narrow; readonly t: CType },
): Val {
  const signed = isSigned(t);
  const narrowed = (code: string): Val => ({
    r: "n",
    code: signed ? `((${code})|0)` : `((${code})>>>0)`,
    t,
    nonNegative: !signed,
  });
  const divides = b.k !== undefined && b.k !== 0n;
  switch (what) {
    case "+":
    case "-":
    case "&":
    case "|":
    case "^":
      return narrowed(`${a.code}${what}${b.code}`);
    case "*":
      return narrowed(`Math.imul(${a.code},${b.code})`);
    case "/":
      if (divides) return narrowed(signed ? `${a.code}/${b.code}` : `Math.floor(${a.code}/${b.code})`);
      g.risky = true;
      return { r: "n", code: `${signed ? fn.divS : fn.divU}(${a.code},${b.code})`, t };
    case "%":
      if (divides) return { r: "n", code: `(${a.code}%${b.code})`, t };
      g.risky = true;
      return { r: "n", code: `${fn.rem}(${a.code},${b.code})`, t };
    default:
      return bool(`${a.code}${operator(what)}${b.code}`);
  }
}

/** Bits and equality of 64 bits, where both operands can be had as halves. */
function inHalves(g: Represent, what: string, { a, b, t }: Operands): Val | undefined {
  const bits = what === "&" || what === "|" || what === "^";
  if (!bits && what !== "==" && what !== "!=") return undefined;
  const [pa, pb] = [g.pair(a), g.pair(b)];
  if (pa === undefined || pb === undefined) return undefined;
  if (!bits) {
    const same = `(${pa.lo}===${pb.lo}&&${pa.hi}===${pb.hi})`;
    return bool(what === "==" ? same : `!${same}`);
  }
  const half = (x: string, y: string): string => {
    if (what === "&" && (x === "0" || y === "0")) return "0";
    if (what !== "&" && x === "0") return y;
    if (what !== "&" && y === "0") return x;
    return `((${x}${what}${y})>>>0)`;
  };
  const [hi, lo] = [half(pa.hi, pb.hi), half(pa.lo, pb.lo)];
  return hi === "0" ? { r: "n", code: lo, t, nonNegative: true } : { r: "p", hi, lo, t };
}

/** What is left: numbers where they compare as C's values do, bigint otherwise. */
function wide(g: Represent, what: string, { a, b, t }: Operands): Val {
  if (COMPARISONS.has(what)) {
    const plain = a.r === "n" && b.r === "n" && (isSigned(t) || (a.nonNegative && b.nonNegative));
    return bool(plain ? `${a.code}${operator(what)}${b.code}` : `${g.big(a)}${operator(what)}${g.big(b)}`);
  }
  switch (what) {
    case "/":
      g.risky = true;
      return g.wrap(`${fn.divB}(${g.big(a)},${g.big(b)})`, t);
    case "%":
      g.risky = true;
      return g.wrap(`${fn.remB}(${g.big(a)},${g.big(b)})`, t);
    default:
      return g.wrap(`${g.big(a)}${what}${g.big(b)}`, t);
  }
}

/** JavaScript's for a comparison of C's. */
function operator(what: string): string {
  return what === "==" || what === "!=" ? `${what}=` : what;
}

export function shift(g: Represent, what: "<<" | ">>", a: Val, b: Val): Val {
  const t = g.promote(a.t);
  const v = g.convert(a, t);
  const size = widthOf(t, g.longSize);
  const signed = isSigned(t);
  const count = g.convert(b, g.promote(b.t));
  const k = constOf(count);
  const kv = constOf(v);
  if (kv !== undefined && k !== undefined) {
    const n = k & BigInt(size * 8 - 1);
    return constant(what === "<<" ? kv << n : kv >> n, t, g.longSize);
  }
  const n = g.low(count);
  if (size < 8 && v.r === "n") {
    // What is shifted beyond the width: x86, arm64, riscv and loongarch count modulo 32, as JavaScript does; s390 and powerpc
    // take six bits of the count, arm eight, and what is shifted out is gone.
    const drops = k === undefined && (!g.abi.littleEndian || g.longSize === 4 || isPowerpc(g));
    if (drops) {
      const code = `${what === "<<" ? fn.shiftLeft : signed ? fn.shiftSigned : fn.shiftRight}(${v.code},${n},${g.longSize === 8 ? 63 : 255})`;
      return { r: "n", code: what === "<<" && !signed ? `(${code}>>>0)` : code, t };
    }
    if (what === "<<") return { r: "n", code: signed ? `(${v.code}<<${n})` : `((${v.code}<<${n})>>>0)`, t };
    return { r: "n", code: signed ? `(${v.code}>>${n})` : `(${v.code}>>>${n})`, t, nonNegative: !signed };
  }
  const p = g.pair(v);
  if (p !== undefined && k !== undefined && !(signed && what === ">>")) {
    const s = Number(k & 63n);
    if (s === 0) return v;
    if (what === ">>") {
      if (s >= 32) return { r: "n", code: s === 32 ? p.hi : `(${p.hi}>>>${s - 32})`, t, nonNegative: true };
      return { r: "p", hi: `(${p.hi}>>>${s})`, lo: `((${p.lo}>>>${s}|${p.hi}<<${32 - s})>>>0)`, t };
    }
    if (s >= 32) return { r: "p", hi: s === 32 ? p.lo : `((${p.lo}<<${s - 32})>>>0)`, lo: "0", t };
    return { r: "p", hi: `((${p.hi}<<${s}|${p.lo}>>>${32 - s})>>>0)`, lo: `((${p.lo}<<${s})>>>0)`, t };
  }
  // Of 64 bits: powerpc takes seven bits of the count.
  return g.wrap(`${g.big(v)}${what}BigInt(${n}&${isPowerpc(g) ? 127 : 63})`, t);
}

function isPowerpc(g: Represent): boolean {
  return g.machine === "ppc64le";
}

export function pointerArithmetic(g: Represent, what: string, a: Val, b: Val): Val | undefined {
  if (what !== "+" && what !== "-") {
    if (!COMPARISONS.has(what)) return undefined;
    if (a.r === "r" || b.r === "r" || a.r === "s" || b.r === "s") return undefined;
    return arithmetic(g, what, { a: g.convert(a, g.ulong), b: g.convert(b, g.ulong), t: g.ulong });
  }
  const [p, n] = a.t.kind === "ptr" ? [a, b] : [b, a];
  if (p.t.kind !== "ptr" || n.t.kind === "ptr") {
    return arithmetic(g, "-", { a: g.convert(a, g.ulong), b: g.convert(b, g.ulong), t: g.ulong });
  }
  const each = sizeOf(p.t.to, g.abi);
  if (each === undefined) throw new FormatError("arithmetic on a pointer to an unknown struct");
  if (p.r === "r") {
    const k = constOf(n);
    if (k !== undefined && p.known !== undefined) {
      const known = p.known + Number(k) * each * (what === "-" ? -1 : 1);
      if (known >= 0 && known < 65536) return { r: "r", code: `(o+${known})`, t: p.t, known };
    }
    return { r: "r", code: `(${p.code}${what}${g.low(g.convert(n, INT))}*${each})`, t: p.t };
  }
  const long = intType(g.longSize, true);
  const step = arithmetic(g, "*", { a: g.convert(n, long), b: constant(BigInt(each), long, g.longSize), t: long });
  const sum = arithmetic(g, what, { a: g.convert(p, g.ulong), b: g.convert(step, g.ulong), t: g.ulong });
  return { ...sum, t: p.t } as Val;
}

const COMPARISONS = new Set(["==", "!=", "<", ">", "<=", ">="]);

function bool(code: string): Val {
  return { r: "n", code: `(${code}?1:0)`, t: INT, nonNegative: true };
}

function fold(what: string, a: bigint, b: bigint): bigint | undefined {
  const yes = (v: boolean) => (v ? 1n : 0n);
  switch (what) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return b === 0n ? undefined : a / b;
    case "%":
      return b === 0n ? undefined : a % b;
    case "&":
      return a & b;
    case "|":
      return a | b;
    case "^":
      return a ^ b;
    case "==":
      return yes(a === b);
    case "!=":
      return yes(a !== b);
    case "<":
      return yes(a < b);
    case ">":
      return yes(a > b);
    case "<=":
      return yes(a <= b);
    case ">=":
      return yes(a >= b);
  }
  return undefined;
}
