import type { CType } from "../system/formats/ctype.js";

/**
 * A compiled expression: JavaScript that computes it, and in which form.
 *
 * - `n`: a number. Types of 4 bytes and less: the exact value. 8-byte types: a value in [-2^31, 2^32), equal to the
 *   C value modulo 2^64.
 * - `p`: an 8-byte value as two unsigned halves; both are cheap and free of side effects, so they may be repeated.
 * - `b`: an 8-byte value as a bigint, within its type.
 * - `r`: an address inside the record: a position in the window; `length` bytes lie there, where that is known.
 * - `s`: text (a char pointer whose string is known).
 * - `marker`: the text that stands for a value which cannot be told.
 */
export type Val =
  | { readonly r: "n"; readonly code: string; readonly t: CType; readonly k?: bigint; readonly nonNegative?: boolean }
  | { readonly r: "p"; readonly hi: string; readonly lo: string; readonly t: CType; readonly k?: bigint }
  | { readonly r: "b"; readonly code: string; readonly t: CType }
  | { readonly r: "r"; readonly code: string; readonly t: CType; readonly known?: number; readonly length?: number }
  | { readonly r: "s"; readonly code: string; readonly t: CType; readonly text?: string }
  | { readonly r: "marker"; readonly code: string; readonly t: CType; readonly reason: string }
  /** A list of a statement expression, `{ { mask, "name" }, ... }` or `{ "a", "b" }`: a place in the constants. */
  | { readonly r: "table"; readonly code: string; readonly length: number; readonly each: number; readonly t: CType };

/** Bytes of a scalar type; pointers are as wide as the writer's long. */
export function widthOf(t: CType, longSize: 4 | 8): 1 | 2 | 4 | 8 {
  return t.kind === "int" ? t.size : longSize;
}

export function isSigned(t: CType): boolean {
  return t.kind === "int" && t.signed;
}

/** A constant in its best form. `value` is brought into the type's range first. */
export function constant(value: bigint, t: CType, longSize: 4 | 8): Val {
  const size = widthOf(t, longSize);
  const k = isSigned(t) ? BigInt.asIntN(size * 8, value) : BigInt.asUintN(size * 8, value);
  if (size < 8 || (k >= -0x80000000n && k < 0x100000000n))
    return { r: "n", code: k < 0n ? `(${k})` : `${k}`, t, k, nonNegative: k >= 0n };
  const u = BigInt.asUintN(64, k);
  return { r: "p", hi: `${u >> 32n}`, lo: `${u & 0xffffffffn}`, t, k };
}

/** The halves of a constant. */
export function halves(k: bigint): [number, number] {
  const u = BigInt.asUintN(64, k);
  return [Number(u >> 32n), Number(u & 0xffffffffn)];
}

/** The constant that a value is, if it is one. */
export function constOf(v: Val): bigint | undefined {
  return v.r === "n" || v.r === "p" ? v.k : undefined;
}
