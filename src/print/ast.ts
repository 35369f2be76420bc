import type { CType } from "../system/formats/ctype.js";

/** A type as a print format writes it: `typeof(e)` is known when `e` is compiled, `__auto_type` with its value. */
export type TypeRef = CType | { readonly kind: "typeof"; readonly e: Expr; readonly stars: number };

/** A C expression of a print format. */
export type Expr =
  | { readonly op: "num"; readonly value: bigint; readonly type: CType }
  | { readonly op: "str"; readonly text: string }
  /** `REC->name`. */
  | { readonly op: "field"; readonly name: string; readonly at: number }
  /** `REC` itself: the record's address. */
  | { readonly op: "rec" }
  | { readonly op: "ident"; readonly name: string; readonly at: number }
  | { readonly op: "unary"; readonly what: "-" | "+" | "~" | "!" | "*" | "&"; readonly e: Expr }
  | { readonly op: "binary"; readonly what: string; readonly a: Expr; readonly b: Expr }
  | { readonly op: "cond"; readonly c: Expr; readonly a: Expr; readonly b: Expr }
  | { readonly op: "cast"; readonly type: TypeRef; readonly e: Expr }
  | { readonly op: "sizeof"; readonly e: Expr }
  | { readonly op: "sizeofType"; readonly type: TypeRef; readonly at: number }
  | { readonly op: "call"; readonly name: string; readonly args: readonly Expr[]; readonly at: number }
  | { readonly op: "index"; readonly a: Expr; readonly i: Expr }
  | { readonly op: "member"; readonly e: Expr; readonly name: string; readonly at: number }
  /** A member of a union that was given its value through another: `role.word = x; ... role.level`. */
  | { readonly op: "part"; readonly e: Expr; readonly struct: string; readonly name: string; readonly at: number }
  /** `{ a, b }`; with names, `{ .x = a, .y = b }`. */
  | { readonly op: "list"; readonly items: readonly Expr[]; readonly names?: readonly string[] }
  /** `({ type x = a; ...; e; })`, its assignments and branches worked into the value. */
  | { readonly op: "block"; readonly lets: readonly Let[]; readonly e: Expr }
  /** What trace_seq_printf() wrote into the second buffer. */
  | { readonly op: "print"; readonly print: PrintFormat }
  /** What could not be parsed. */
  | { readonly op: "bad"; readonly reason: string; readonly text: string; readonly fields: readonly string[] };

/** A variable of a statement expression that keeps its first value. */
export interface Let {
  readonly name: string;
  readonly type: TypeRef;
  readonly e: Expr;
}

/** A parsed `print fmt:` line: the printf format and its arguments. */
export interface PrintFormat {
  readonly format: string;
  readonly args: readonly Expr[];
}
