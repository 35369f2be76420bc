import type { Abi } from "../../../src/ground/abi.js";
import { type CType, INT, intType } from "../../../src/system/formats/ctype.js";

/** A C value: a number with its type, an address inside the record, text, or a list of expressions' values. */
export type Value =
  | { readonly kind: "number"; readonly value: bigint; readonly type: CType }
  | { readonly kind: "memory"; readonly at: number; readonly type: CType; readonly length?: number | undefined }
  | { readonly kind: "text"; readonly text: string };

/** What the interpreter does not know: the event is not compared. */
export class Unsupported extends Error {}

/** A read beyond the record, or a division by zero: its message stands in the text. */
export class Fault extends Error {}

export function widthOf(type: CType, abi: Abi): 1 | 2 | 4 | 8 {
  if (type.kind === "int") return type.size;
  if (type.kind === "ptr") return abi.longSize;
  throw new Unsupported(`width of ${type.kind}`);
}

export function isSigned(type: CType): boolean {
  return type.kind === "int" && type.signed;
}

/** A number of that type, cut to its width. */
export function number(value: bigint, type: CType, abi: Abi): Value & { kind: "number" } {
  const bits = widthOf(type, abi) * 8;
  return { kind: "number", value: isSigned(type) ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value), type };
}

/** Integer promotion. */
export function promoted(type: CType, abi: Abi): CType {
  if (type.kind !== "int") return intType(abi.longSize, false);
  return type.size < 4 ? INT : type;
}

/** The usual arithmetic conversions. */
export function common(a: CType, b: CType, abi: Abi): CType {
  const [x, y] = [promoted(a, abi), promoted(b, abi)] as [CType & { kind: "int" }, CType & { kind: "int" }];
  if (x.size !== y.size) return x.size > y.size ? x : y;
  return x.signed ? y : x;
}
