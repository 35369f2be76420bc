import { parseRelease } from "../../../src/ground/release.js";
import type { Expr, PrintFormat } from "../../../src/print/ast.js";
import { library } from "../../../src/print/library.js";
import { type Conversion, splitFormat } from "../../../src/print/printf.js";
import { bitmap, cstr, cstrN } from "../../../src/print/runtime.js";
import { intType } from "../../../src/system/formats/ctype.js";
import type { Evaluator } from "./evaluate.js";
import { Fault, Unsupported, type Value } from "./values.js";

/** The text of a printf format and its arguments (lib/vsprintf.c). */
export function printed(x: Evaluator, print: PrintFormat): string {
  let out = "";
  let next = 0;
  for (const piece of splitFormat(print.format, x.abi.longSize)) {
    if (piece.kind === "text" || piece.kind === "invalid") {
      out += piece.text;
      continue;
    }
    const taken = 1 + Number(piece.width === "*") + Number(piece.precision === "*");
    const args = print.args.slice(next, next + taken);
    next += taken;
    if (args.length < taken) throw new Unsupported("too few arguments");
    try {
      out += conversion(x, piece, args);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      out += `<${error.message}>`;
    }
  }
  return out;
}

function conversion(x: Evaluator, c: Conversion, args: readonly Expr[]): string {
  let at = 0;
  const width = c.width === "*" ? Number(x.int(args[at++]!)) : c.width;
  const precision = c.precision === "*" ? Number(x.int(args[at++]!)) : c.precision;
  const v = x.eval(args[at]!);
  const left = c.left || (c.width === "*" && width < 0);
  const field = c.width === "*" ? Math.abs(width) : width;
  const pad = (text: string) => (left ? text.padEnd(field) : text.padStart(field));
  switch (c.kind) {
    case "number": {
      const n = x.numeric(x.convert(x.numeric(v), intType(c.size, c.signed && c.base === 10)));
      return digits(n.value, c, left, field, precision, x);
    }
    case "char":
      return pad(String.fromCharCode(Number(x.numeric(x.convert(v, intType(1, false))).value)));
    case "string": {
      const old = parseRelease(x.release)![0] === 6 && parseRelease(x.release)![1] < 14;
      const unlimited = precision === -1 && (c.precision !== "*" || old);
      const most = old && precision < 0 && precision >= -32768 ? Number.POSITIVE_INFINITY : Math.max(0, precision);
      if (unlimited) return pad(cString(x, v));
      if (v.kind !== "memory") return pad(cString(x, v).slice(0, most));
      return pad(cstrN(x.record, v.at, most));
    }
    case "pointer":
      return pointer(x, c, v, field, precision, pad);
  }
}

/** number(): digits, sign, prefix, then zeros or blanks up to the width. */
function digits(value: bigint, c: Conversion, left: boolean, width: number, precision: number, x: Evaluator): string {
  const magnitude = value < 0n ? (c.base === 10 ? -value : BigInt.asUintN(x.abi.longSize * 8, value)) : value;
  let body = magnitude.toString(c.base);
  if (c.upper) body = body.toUpperCase();
  let sign = "";
  if (c.signed && c.base === 10) sign = value < 0n ? "-" : c.plus ? "+" : c.space ? " " : "";
  if (c.special && c.base === 16) sign += c.upper ? "0X" : "0x";
  if (c.special && c.base === 8 && value !== 0n) sign += "0";
  body = body.padStart(precision, "0");
  if (left) return (sign + body).padEnd(width);
  return c.zero ? sign + body.padStart(width - sign.length, "0") : (sign + body).padStart(width);
}

/** The text of a %s argument. */
export function cString(x: Evaluator, v: Value): string {
  if (v.kind === "text") return v.text;
  if (v.kind === "memory") return cstr(x.record, v.at);
  if (v.value === 0n) return "(null)";
  return library.kernelStringB(x.record, v.value);
}

function pointer(
  x: Evaluator,
  { ext }: Conversion,
  v: Value,
  width: number,
  precision: number,
  pad: (text: string) => string,
): string {
  const { longSize } = x.abi;
  const { env } = x.record;
  const cut = (text: string) => (precision === -1 ? text : text.slice(0, Math.max(0, precision)));
  if (v.kind === "text") throw new Unsupported("%p of text");
  if (v.kind === "memory") {
    switch (ext[0]) {
      case "M":
      case "m":
        return pad(cut(library.mac(x.record, v.at, ext)));
      case "I":
      case "i":
        return pad(cut(library.ip(x.record, v.at, ext)));
      case "U":
        return pad(cut(library.uuid(x.record, v.at, ext)));
      case "h":
        return library.hexString(x.record, v.at, ext, width);
      case "b":
        return bitmap(x.record, v.at, Math.max(0, width), ext[1] === "l");
    }
    throw new Unsupported(`%p${ext} of the record`);
  }
  const value = BigInt.asUintN(longSize * 8, x.numeric(x.convert(v, x.ulong)).value);
  const [hi, lo] = [Number(value >> 32n), Number(value & 0xffffffffn)];
  switch (ext[0]) {
    case undefined: {
      const isError = value > BigInt.asUintN(longSize * 8, -4096n);
      const hex = value.toString(16).padStart(longSize * 2, "0");
      return pad(value === 0n || isError ? hex : env.pointer(hi, lo, true));
    }
    case "S":
    case "s":
    case "B":
    case "F":
    case "f":
      return pad(cut(env.symbol(hi, lo, ext[0] === "F" ? "S" : ext[0] === "f" ? "s" : ext[0])));
    case "x":
      return width < 0 ? value.toString(16).padStart(longSize * 2, "0") : pad(value.toString(16));
  }
  throw new Unsupported(`%p${ext}`);
}
