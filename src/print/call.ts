import { type ExactRelease, isSince } from "../ground/release.js";
import { CHAR_PTR, INT, UINT } from "../system/formats/ctype.js";
import { FormatError } from "../system/formats/errors.js";
import type { Expr } from "./ast.js";
import type { Emitter } from "./emitter.js";
import { fn } from "./library.js";
import type { Val } from "./value.js";

/** Compiles a call of one function. */
export type Emit = (g: Emitter, args: readonly Expr[], at: number) => Val;

/** Functions by name. */
export type Calls = Readonly<Record<string, Emit>>;

export function text(code: string): Val {
  return { r: "s", code, t: CHAR_PTR };
}

export function arg(args: readonly Expr[], i: number, at: number): Expr {
  const e = args[i];
  if (e === undefined) throw new FormatError("too few arguments", at);
  return e;
}

export function nameOf(args: readonly Expr[], at: number): string {
  const e = arg(args, 0, at);
  if (e.op !== "ident") throw new FormatError("a field name is expected", at);
  return e.name;
}

/** An int argument as JavaScript code. */
export function int(g: Emitter, e: Expr): string {
  return g.low(g.convert(g.expr(e), INT));
}

export function uint(g: Emitter, e: Expr): string {
  return g.low(g.convert(g.expr(e), UINT));
}

/** A pointer argument that must lie in the record. */
export function inRecord(g: Emitter, e: Expr): string {
  const v = g.expr(e);
  if (v.r === "r") return v.code;
  throw new FormatError("a pointer that does not lead into the record");
}

/** A function of u32 values, the call's last `count` arguments, that returns text. */
export const words =
  (helper: (...values: number[]) => string, count: number): Emit =>
  (g, args, at) =>
    text(
      `${g.keep(helper)}(${Array.from({ length: count }, (_, i) => uint(g, arg(args, i + (args.length - count), at))).join(",")})`,
    );

/** A function that names a number: its only argument, as an unsigned int. @param other for those without a name; none, and they are marked */
export const named =
  (names: Readonly<Record<number, string>>, other: string | undefined): Emit =>
  (g, args, at) => {
    const i = uint(g, arg(args, 0, at));
    if (other === undefined) return text(`${fn.pick}(R,${g.keep("name")},${g.keep(names)},${i})`);
    return text(`(${g.keep(names)}[${i}>>>0]??${g.keep(other)})`);
  };

/** A function that changed: what it was before this version, and what it is since. */
export const since =
  (first: ExactRelease, now: Emit, before: Emit): Emit =>
  (g, args, at) =>
    (isSince(g.release, first) ? now : before)(g, args, at);
