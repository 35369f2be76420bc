import { MAX_WIDTH } from "../system/formats/errors.js";

/** One conversion's flags, width and precision, as lib/vsprintf.c struct printf_spec. */
export interface NumberSpec {
  readonly left: boolean;
  readonly plus: boolean;
  readonly space: boolean;
  readonly special: boolean;
  readonly zero: boolean;
  /** -1 when none. */
  readonly width: number;
  readonly precision: number;
  readonly base: 8 | 10 | 16;
  readonly upper: boolean;
}

/**
 * Pads and prefixes digits as number() in lib/vsprintf.c does.
 * @param digits lower-case digits, with a leading "-" when negative
 */
export function padNumber(digits: string, spec: NumberSpec): string {
  let body = digits;
  let sign = "";
  let width = Math.min(spec.width, MAX_WIDTH);
  if (body.charCodeAt(0) === 45) {
    sign = "-";
    body = body.slice(1);
  } else if (spec.base === 10 && spec.plus) sign = "+";
  else if (spec.base === 10 && spec.space) sign = " ";
  if (sign !== "") width--;
  let prefix = "";
  if (spec.special && spec.base !== 10) {
    if (spec.base === 16) {
      prefix = spec.upper ? "0X" : "0x";
      width -= 2;
    } else if (body !== "0") {
      prefix = "0";
      width--;
    }
  }
  if (spec.upper) body = body.toUpperCase();
  const precision = Math.max(body.length, Math.min(spec.precision, MAX_WIDTH));
  if (precision > body.length) body = body.padStart(precision, "0");
  const fill = width - precision;
  if (fill <= 0) return sign + prefix + body;
  if (spec.left) return sign + prefix + body + " ".repeat(fill);
  if (spec.zero) return sign + prefix + "0".repeat(fill) + body;
  return " ".repeat(fill) + sign + prefix + body;
}

/** Field width of a string (widen_string() in lib/vsprintf.c). */
export function padString(text: string, width: number, left: boolean): string {
  if (width <= text.length) return text;
  const fill = " ".repeat(Math.max(0, Math.min(width, MAX_WIDTH) - text.length));
  return left ? text + fill : fill + text;
}

const TWO32 = 4294967296;

/** A 64-bit value from its halves, unsigned. */
export function big(hi: number, lo: number): bigint {
  return hi < 0x200000 ? BigInt(hi * TWO32 + lo) : (BigInt(hi) << 32n) | BigInt(lo);
}

/** A 64-bit value from its halves, signed. */
export function bigS(hi: number, lo: number): bigint {
  return hi < 0x80000000 ? big(hi, lo) : BigInt.asIntN(64, big(hi, lo));
}

/** Decimal of an unsigned 64-bit value. */
export function dec64u(hi: number, lo: number): string {
  return hi < 0x200000 ? String(hi * TWO32 + lo) : big(hi, lo).toString();
}

/** Decimal of a signed 64-bit value. */
export function dec64s(hi: number, lo: number): string {
  if (hi < 0x200000) return String(hi * TWO32 + lo);
  if (hi < 0x80000000) return big(hi, lo).toString();
  const nlo = -lo >>> 0;
  const nhi = (~hi + (lo === 0 ? 1 : 0)) >>> 0;
  return `-${dec64u(nhi, nlo)}`;
}

/** Hex of a 64-bit value, no leading zeros. */
export function hex64(hi: number, lo: number): string {
  return hi === 0 ? lo.toString(16) : hi.toString(16) + lo.toString(16).padStart(8, "0");
}

/** Octal of a 64-bit value. */
export function oct64(hi: number, lo: number): string {
  return hi === 0 ? lo.toString(8) : big(hi, lo).toString(8);
}
