import type { CType } from "../system/formats/ctype.js";

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
  | { readonly op: "cast"; readonly type: CType; readonly e: Expr }
  | { readonly op: "sizeof"; readonly e: Expr }
  | { readonly op: "call"; readonly name: string; readonly args: readonly Expr[]; readonly at: number }
  | { readonly op: "index"; readonly a: Expr; readonly i: Expr }
  | { readonly op: "member"; readonly e: Expr; readonly name: string; readonly at: number }
  /** `{ a, b }`. */
  | { readonly op: "list"; readonly items: readonly Expr[] }
  /** `({ type x = a; ...; e; })`. */
  | { readonly op: "block"; readonly lets: readonly Let[]; readonly e: Expr };

/** A variable of a statement expression. */
export interface Let {
  readonly name: string;
  readonly type: CType;
  readonly e: Expr;
}

/** A parsed `print fmt:` line: the printf format and its arguments. */
export interface PrintFormat {
  readonly format: string;
  readonly args: readonly Expr[];
}
