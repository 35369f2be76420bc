import type { Abi } from "../ground/abi.js";
import {
  type CType,
  INT,
  intType,
  isTypeName,
  isTypeWord,
  type TypeNames,
  typeOfWords,
} from "../system/formats/ctype.js";
import { FormatError, MAX_EXPRESSION_DEPTH } from "../system/formats/errors.js";
import type { Expr, PrintFormat, TypeRef } from "./ast.js";
import type { Token } from "./lex.js";
import { StatementParser } from "./parse-statements.js";
import { blockValue } from "./statements.js";
import { describe } from "./token-reader.js";

const BINARY: Readonly<Record<string, number>> = {
  "*": 10,
  "/": 10,
  "%": 10,
  "+": 9,
  "-": 9,
  "<<": 8,
  ">>": 8,
  "<": 7,
  ">": 7,
  "<=": 7,
  ">=": 7,
  "==": 6,
  "!=": 6,
  "&": 5,
  "^": 4,
  "|": 3,
  "&&": 2,
  "||": 1,
};

/** Parses the expressions of a print format. */
export class Parser extends StatementParser {
  constructor(
    tokens: readonly Token[],
    private readonly text: string,
    private readonly abi: Abi,
    private readonly names: TypeNames,
  ) {
    super(tokens);
  }

  printFormat(): PrintFormat {
    const first = this.next();
    if (first.kind !== "str") throw new FormatError("a print format begins with a string", first.at);
    const args: Expr[] = [];
    while (this.accept(",")) args.push(this.argumentOrBad());
    const t = this.peek();
    if (t.kind !== "end") throw new FormatError(`unexpected ${describe(t)}`, t.at);
    return { format: first.text, args };
  }

  /** An argument; one that cannot be parsed costs itself alone. */
  private argumentOrBad(): Expr {
    const { at } = this;
    try {
      const e = this.conditional();
      const t = this.peek();
      if (t.kind !== "end" && !this.isOp(",")) throw new FormatError(`unexpected ${describe(t)}`, t.at);
      return e;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.at = at;
      this.depth = 0;
      this.skipArgument();
      const text = this.text.slice(this.tokens[at]!.at, this.peek().at).trim();
      const fields = [...text.matchAll(/\bREC->(\w+)/g)].map(([, name]) => name!);
      return { op: "bad", reason: error.message, text, fields };
    }
  }

  conditional(): Expr {
    if (++this.depth > MAX_EXPRESSION_DEPTH) throw new FormatError("expression nested too deeply", this.peek().at);
    try {
      const c = this.binary(1);
      if (!this.accept("?")) return c;
      const a = this.isOp(":") ? c : this.conditional();
      this.expect(":");
      return { op: "cond", c, a, b: this.conditional() };
    } finally {
      this.depth--;
    }
  }

  private binary(min: number): Expr {
    let a = this.unary();
    for (;;) {
      const t = this.peek();
      const power = t.kind === "op" ? (Object.hasOwn(BINARY, t.text) ? BINARY[t.text]! : 0) : 0;
      if (power < min || t.kind !== "op" || power === 0) return a;
      this.at++;
      if (++this.depth > MAX_EXPRESSION_DEPTH) throw new FormatError("expression nested too deeply", t.at);
      const b = this.binary(power + 1);
      this.depth--;
      a = { op: "binary", what: t.text, a, b };
    }
  }

  private unary(): Expr {
    if (++this.depth > MAX_EXPRESSION_DEPTH) throw new FormatError("expression nested too deeply", this.peek().at);
    try {
      const t = this.peek();
      if (t.kind === "op") {
        switch (t.text) {
          case "-":
          case "+":
          case "~":
          case "!":
          case "*":
          case "&":
            this.at++;
            return { op: "unary", what: t.text, e: this.unary() };
          case "(": {
            const cast = this.cast();
            if (cast !== undefined) return cast;
          }
        }
      }
      if (t.kind === "id" && (t.text === "sizeof" || t.text === "__alignof__")) {
        this.at++;
        return this.sizeof();
      }
      return this.postfix(this.primary());
    } finally {
      this.depth--;
    }
  }

  private sizeof(): Expr {
    if (this.isOp("(")) {
      const save = this.at;
      this.at++;
      const t = this.peek();
      if (this.isWord("struct") && this.isOp("{", 1)) {
        // sizeof(struct { _Static_assert(...); }): a compile-time check worth 0 bytes (__must_be_array, 7.x).
        this.skipBalanced();
        return { op: "num", value: 0n, type: intType(this.abi.longSize, false) };
      }
      const named = t.kind === "id" && isTypeName(t.text, this.names);
      const type = this.type();
      // A single word that names no known type is a variable.
      if (type !== undefined && (named || this.isOp("*")) && this.accept(")"))
        return { op: "sizeofType", type, at: t.at };
      this.at = save;
    }
    return { op: "sizeof", e: this.unary() };
  }

  /** `(type) expression`, or undefined when what follows is a parenthesised expression. */
  private cast(): Expr | undefined {
    const save = this.at;
    this.at++;
    const first = this.peek();
    const type = first.kind === "id" ? this.type() : undefined;
    const isArray = type !== undefined && this.accept("[");
    if (isArray) {
      if (!this.isOp("]")) this.conditional();
      this.expect("]");
    }
    if (type === undefined || first.kind !== "id" || !this.accept(")")) {
      this.at = save;
      return undefined;
    }
    // A compound literal: (struct x){ ... }, (unsigned long[]){ ... }.
    if (this.isOp("{")) return this.postfix(this.primary());
    if (!isTypeName(first.text, this.names)) {
      // An unknown name in parentheses is a type only when an operand follows it.
      const t = this.peek();
      const operand = t.kind === "id" || t.kind === "num" || t.kind === "str" || t.kind === "chr";
      if (!operand) {
        this.at = save;
        return undefined;
      }
    }
    return { op: "cast", type, e: this.unary() };
  }

  protected declares(): boolean {
    const t = this.peek();
    if (t.kind !== "id") return false;
    if (t.text === "__auto_type" || isTypeName(t.text, this.names)) return true;
    return this.peek(1).kind === "id";
  }

  /** A type name with stars. Unknown single words count as int (a typedef nobody declared). */
  protected type(): TypeRef | undefined {
    const start = this.at;
    const of = this.typeOf();
    if (of !== undefined) return of;
    const words: string[] = [];
    for (;;) {
      const t = this.peek();
      if (t.kind !== "id") break;
      if (words.length > 0 && !isTypeName(t.text, this.names) && !isTypeWord(words[words.length - 1]!)) break;
      if (words.length > 0 && !isTypeWord(t.text) && words.some((w) => !QUALIFIERS.has(w))) break;
      words.push(t.text);
      this.at++;
      if (t.text === "struct" || t.text === "union" || t.text === "enum") {
        const name = this.next();
        if (name.kind !== "id") {
          this.at = start;
          return undefined;
        }
        words.push(name.text);
      }
    }
    if (words.length === 0) return undefined;
    let type = typeOfWords(words, this.abi, this.names) ?? (words.length === 1 ? INT : undefined);
    if (type === undefined) {
      this.at = start;
      return undefined;
    }
    for (let stars = this.stars(); stars > 0; stars--) type = { kind: "ptr", to: type };
    return type;
  }

  /** `typeof(e)` or `typeof(type)`, `__auto_type`; with qualifiers around. */
  private typeOf(): TypeRef | undefined {
    const start = this.at;
    const t = this.peek();
    while (this.acceptWord("const") || this.acceptWord("volatile") || this.acceptWord("static"));
    // The value that follows gives the type: REC stands for it until then.
    if (this.acceptWord("__auto_type")) return { kind: "typeof", e: { op: "rec" }, stars: 0 };
    if (["typeof", "__typeof__", "__typeof", "typeof_unqual", "__typeof_unqual__"].some((w) => this.acceptWord(w))) {
      this.expect("(");
      const word = this.peek();
      const inner = word.kind === "id" && isTypeName(word.text, this.names) ? this.type() : undefined;
      if (inner !== undefined && this.accept(")")) {
        const stars = this.stars();
        if (inner.kind === "typeof") return { ...inner, stars: inner.stars + stars };
        let type: CType = inner;
        for (let i = 0; i < stars; i++) type = { kind: "ptr", to: type };
        return type;
      }
      if (inner !== undefined) throw new FormatError("a type is expected", t.at);
      const e = this.conditional();
      this.expect(")");
      return { kind: "typeof", e, stars: this.stars() };
    }
    this.at = start;
    return undefined;
  }

  private stars(): number {
    let count = 0;
    for (;;) {
      if (this.accept("*")) count++;
      else if (!["const", "volatile", "__user", "__rcu"].some((w) => this.acceptWord(w))) return count;
    }
  }

  private primary(): Expr {
    const t = this.next();
    switch (t.kind) {
      case "num":
        return { op: "num", value: t.value, type: this.literalType(t.value, t.suffix, t.decimal) };
      case "str":
        return { op: "str", text: t.text };
      case "chr":
        return { op: "num", value: BigInt(t.value), type: INT };
      case "id":
        return this.named(t.text, t.at);
      case "op":
        if (t.text === "(") {
          if (this.isOp("{")) {
            const value = blockValue(this.body());
            this.expect(")");
            return value;
          }
          const e = this.conditional();
          if (this.accept(",")) {
            // The comma operator: only the last value counts.
            let last = this.conditional();
            while (this.accept(",")) last = this.conditional();
            this.expect(")");
            return last;
          }
          this.expect(")");
          return e;
        }
        if (t.text === "{") {
          const items: Expr[] = [];
          const names: string[] = [];
          while (!this.isOp("}")) {
            if (this.accept(".")) {
              names.push(this.word("a member"));
              this.expect("=");
            }
            items.push(this.conditional());
            if (!this.accept(",")) break;
          }
          this.expect("}");
          return names.length === 0 ? { op: "list", items } : { op: "list", items, names };
        }
    }
    throw new FormatError(`unexpected ${describe(t)}`, t.at);
  }

  private named(text: string, at: number): Expr {
    if (text === "REC" || text === "__entry") {
      if (!this.accept("->")) return { op: "rec" };
      const name = this.next();
      if (name.kind !== "id") throw new FormatError("a field name is expected behind REC->", name.at);
      return { op: "field", name: name.text, at: name.at };
    }
    if (!this.accept("(")) return { op: "ident", name: text, at };
    const args: Expr[] = [];
    while (!this.isOp(")")) {
      args.push(this.argument(text));
      if (!this.accept(",")) break;
    }
    this.expect(")");
    return { op: "call", name: text, args, at };
  }

  /** A call's argument. Some builtins take a type; its value never matters. */
  private argument(callee: string): Expr {
    if (callee === "__builtin_types_compatible_p") {
      this.type();
      return { op: "num", value: 0n, type: INT };
    }
    return this.conditional();
  }

  private postfix(e: Expr): Expr {
    let out = e;
    for (;;) {
      const t = this.peek();
      if (this.accept("[")) {
        const i = this.conditional();
        this.expect("]");
        out = { op: "index", a: out, i };
      } else if (this.accept(".") || this.accept("->")) {
        const name = this.next();
        if (name.kind !== "id") throw new FormatError("a member name is expected", name.at);
        const given = out.op === "list" ? out.items[out.names?.indexOf(name.text) ?? -1] : undefined;
        if (given !== undefined) out = given;
        else if (out.op === "rec") out = { op: "field", name: name.text, at: name.at };
        else out = { op: "member", e: out, name: name.text, at: t.at };
      } else return out;
    }
  }

  private literalType(value: bigint, suffix: string, decimal: boolean): CType {
    const u = suffix.includes("u");
    const longs = suffix.replace(/u/g, "").length;
    let size: 4 | 8 = longs >= 2 ? 8 : longs === 1 ? this.abi.longSize : 4;
    let signed = !u;
    const fits = () => value < 1n << BigInt(size * 8 - (signed ? 1 : 0));
    if (!fits() && !decimal && signed) {
      signed = false;
      if (!fits()) signed = !u;
    }
    if (!fits()) size = 8;
    if (!fits()) signed = false;
    return intType(size, signed);
  }
}

/** Words of a type that are followed by more of it. */
const QUALIFIERS = new Set(["const", "volatile", "static", "struct", "union", "enum"]);
