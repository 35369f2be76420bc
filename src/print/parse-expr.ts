import type { Abi } from "../ground/abi.js";
import {
  type CType,
  INT,
  intType,
  isTypeName,
  isTypeWord,
  sizeOf,
  type TypeNames,
  typeOfWords,
} from "../system/formats/ctype.js";
import { FormatError, MAX_EXPRESSION_DEPTH } from "../system/formats/errors.js";
import type { Expr, Let, PrintFormat } from "./ast.js";
import { type Token, tokenize } from "./lex.js";

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

/** Parses a `print fmt:` line: a string literal, then arguments separated by commas. */
export function parsePrintFormat(text: string, abi: Abi, names: TypeNames): PrintFormat {
  try {
    return new Parser(tokenize(text), abi, names).printFormat();
  } catch (error) {
    const repaired = bareQuotes(text, abi, names);
    if (repaired !== undefined) return repaired;
    throw error;
  }
}

/**
 * A print format whose text holds quotes that lost their backslashes (arm64 instruction_emulation, 7.2): the string
 * ends at the first quote behind which the rest parses as exactly the arguments that the conversions before it take.
 */
function bareQuotes(text: string, abi: Abi, names: TypeNames): PrintFormat | undefined {
  if (!text.startsWith('"')) return undefined;
  let tries = 0;
  for (let at = text.indexOf('"', 1); at > 0 && tries < 32; at = text.indexOf('"', at + 1), tries++) {
    const rest = text.slice(at + 1).trimStart();
    if (rest !== "" && !rest.startsWith(",")) continue;
    const inside = text.slice(1, at).replace(/(?<!\\)"/g, '\\"');
    try {
      return new Parser(tokenize(`"${inside}"${rest}`), abi, names).printFormat();
    } catch {
      // Not here: the next quote may be the one.
    }
  }
  return undefined;
}

class Parser {
  private at = 0;
  private depth = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly abi: Abi,
    private readonly names: TypeNames,
  ) {}

  printFormat(): PrintFormat {
    const first = this.next();
    if (first.kind !== "str") throw new FormatError("a print format begins with a string", first.at);
    const args: Expr[] = [];
    while (this.accept(",")) args.push(this.conditional());
    this.end();
    return { format: first.text, args };
  }

  end(): void {
    const t = this.peek();
    if (t.kind !== "end") throw new FormatError(`unexpected ${describe(t)}`, t.at);
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
      if (t.kind === "id" && t.text === "struct" && this.opAt(1, "{")) {
        // sizeof(struct { _Static_assert(...); }): a compile-time check worth 0 bytes (__must_be_array, 7.x).
        this.skipBalanced();
        return { op: "num", value: 0n, type: intType(this.abi.longSize, false) };
      }
      const type = this.type();
      if (type !== undefined && this.accept(")")) {
        const size = sizeOf(type, this.abi);
        if (size === undefined) throw new FormatError("size of an unknown struct", t.at);
        return { op: "num", value: BigInt(size), type: intType(this.abi.longSize, false) };
      }
      this.at = save;
    }
    return { op: "sizeof", e: this.unary() };
  }

  /** `(type) expression`, or undefined when what follows is a parenthesised expression. */
  private cast(): Expr | undefined {
    const save = this.at;
    this.at++;
    const first = this.peek();
    if (first.kind !== "id") {
      this.at = save;
      return undefined;
    }
    const type = this.type();
    if (type === undefined || !this.accept(")")) {
      this.at = save;
      return undefined;
    }
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

  /** A type name with stars. Unknown single words count as int (a typedef nobody declared). */
  private type(): CType | undefined {
    const words: string[] = [];
    const start = this.at;
    for (;;) {
      const t = this.peek();
      if (t.kind !== "id") break;
      if (t.text === "typeof" || t.text === "__typeof__") {
        this.at++;
        if (!this.isOp("(")) return undefined;
        this.at++;
        this.skipBalanced();
        words.push("int");
        continue;
      }
      if (words.length > 0 && !isTypeName(t.text, this.names) && !isTypeWord(words[words.length - 1]!)) break;
      if (
        words.length > 0 &&
        !isTypeWord(t.text) &&
        words.some((w) => !["const", "volatile", "static", "struct", "union", "enum"].includes(w))
      )
        break;
      words.push(t.text);
      this.at++;
      if (["struct", "union", "enum"].includes(t.text)) {
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
    for (;;) {
      if (this.accept("*")) type = { kind: "ptr", to: type };
      else {
        const t = this.peek();
        if (
          t.kind === "id" &&
          (t.text === "const" || t.text === "volatile" || t.text === "__user" || t.text === "__rcu")
        )
          this.at++;
        else break;
      }
    }
    return type;
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
        return this.word(t.text, t.at);
      case "op":
        if (t.text === "(") {
          if (this.isOp("{")) return this.block();
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
          while (!this.isOp("}")) {
            items.push(this.conditional());
            if (!this.accept(",")) break;
          }
          this.expect("}");
          return { op: "list", items };
        }
    }
    throw new FormatError(`unexpected ${describe(t)}`, t.at);
  }

  private word(text: string, at: number): Expr {
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
        out =
          out.op === "rec"
            ? { op: "field", name: name.text, at: name.at }
            : { op: "member", e: out, name: name.text, at: t.at };
      } else return out;
    }
  }

  /** `({ declarations; expression; })`; the opening parenthesis has been read. */
  private block(): Expr {
    this.expect("{");
    const lets: Let[] = [];
    for (;;) {
      const t = this.peek();
      if (t.kind === "id" && isTypeName(t.text, this.names)) {
        const type = this.type();
        const name = this.next();
        if (type === undefined || name.kind !== "id") throw new FormatError("a declaration is expected", t.at);
        if (this.accept("[")) {
          if (!this.isOp("]")) this.conditional();
          this.expect("]");
        }
        this.expect("=");
        lets.push({ name: name.text, type, e: this.conditional() });
        this.expect(";");
        continue;
      }
      const e = this.conditional();
      this.accept(";");
      if (this.isOp("}")) {
        this.expect("}");
        this.expect(")");
        return { op: "block", lets, e };
      }
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

  /** Skips to behind the parenthesis that closes the one just read. */
  private skipBalanced(): void {
    let open = 1;
    while (open > 0) {
      const t = this.next();
      if (t.kind === "end") throw new FormatError("parenthesis without an end", t.at);
      if (t.kind === "op" && (t.text === "(" || t.text === "{")) open++;
      if (t.kind === "op" && (t.text === ")" || t.text === "}")) open--;
    }
  }

  private peek(): Token {
    return this.tokens[this.at]!;
  }

  private next(): Token {
    const t = this.tokens[this.at]!;
    if (t.kind !== "end") this.at++;
    return t;
  }

  private isOp(text: string): boolean {
    return this.opAt(0, text);
  }

  private opAt(ahead: number, text: string): boolean {
    const t = this.tokens[this.at + ahead];
    return t?.kind === "op" && t.text === text;
  }

  private accept(text: string): boolean {
    if (!this.isOp(text)) return false;
    this.at++;
    return true;
  }

  private expect(text: string): void {
    if (!this.accept(text)) {
      const t = this.peek();
      throw new FormatError(`${text} expected, not ${describe(t)}`, t.at);
    }
  }
}

function describe(t: Token): string {
  switch (t.kind) {
    case "end":
      return "the end";
    case "num":
      return t.value.toString();
    case "chr":
      return "a character";
    case "str":
      return "a string";
    default:
      return t.text;
  }
}
