import { FormatError, MAX_EXPRESSION_DEPTH } from "../system/formats/errors.js";
import type { Expr, TypeRef } from "./ast.js";
import type { Statement, SwitchCase } from "./statements.js";
import { TokenReader } from "./token-reader.js";

/** Parses what stands in a statement expression: declarations, assignments, if, switch, expressions. */
export abstract class StatementParser extends TokenReader {
  protected depth = 0;

  abstract conditional(): Expr;
  protected abstract type(): TypeRef | undefined;
  /** Whether a declaration begins here. */
  protected abstract declares(): boolean;

  /** `{ ... }`, the brace included. */
  protected body(): Statement[] {
    this.expect("{");
    const out: Statement[] = [];
    while (!this.isOp("}")) this.statement(out);
    this.expect("}");
    return out;
  }

  private statement(out: Statement[]): void {
    const t = this.peek();
    if (++this.depth > MAX_EXPRESSION_DEPTH) throw new FormatError("statements nested too deeply", t.at);
    if (this.accept(";")) {
      // An empty statement.
    } else if (this.isOp("{")) out.push(...this.body());
    else if (this.acceptWord("if")) out.push(this.ifStatement());
    else if (this.acceptWord("switch")) out.push(this.switchStatement());
    else if (this.acceptWord("break")) {
      this.expect(";");
      out.push({ op: "break", at: t.at });
    } else if (this.isWord("do")) this.assertion();
    else if (this.declares()) this.declaration(out);
    else {
      const e = this.conditional();
      if (this.accept("=")) out.push({ op: "assign", to: e, e: this.conditional(), at: t.at });
      else out.push({ op: "expr", e });
      if (!this.isOp("}")) this.expect(";");
    }
    this.depth--;
  }

  /** `do { extern void __compiletime_assert_1(void); ... } while (0);`: what min() and BUILD_BUG_ON() leave. */
  private assertion(): void {
    const { at } = this.next();
    if (!this.isOp("{") || !this.isWord("__attribute__", 1)) throw new FormatError("a loop", at);
    this.next();
    this.skipBalanced();
    this.word("while");
    this.expect("(");
    this.skipBalanced();
    this.expect(";");
  }

  /** One statement, as a list. */
  private one(): Statement[] {
    const out: Statement[] = [];
    this.statement(out);
    return out;
  }

  private condition(): Expr {
    this.expect("(");
    const e = this.conditional();
    this.expect(")");
    return e;
  }

  private ifStatement(): Statement {
    const c = this.condition();
    const yes = this.one();
    return { op: "if", c, yes, no: this.acceptWord("else") ? this.one() : [] };
  }

  private switchStatement(): Statement {
    const e = this.condition();
    const cases: SwitchCase[] = [];
    this.expect("{");
    while (!this.isOp("}")) {
      const values: Expr[] = [];
      let otherwise = false;
      for (;;) {
        if (this.acceptWord("case")) values.push(this.conditional());
        else if (this.acceptWord("default")) otherwise = true;
        else break;
        this.expect(":");
      }
      const body: Statement[] = [];
      while (!this.isOp("}") && !this.isWord("case") && !this.isWord("default")) this.statement(body);
      cases.push({ values, otherwise, body });
    }
    this.expect("}");
    return { op: "switch", e, cases };
  }

  private declaration(out: Statement[]): void {
    const { at } = this.peek();
    const type = this.type();
    if (type === undefined) throw new FormatError("a declaration is expected", at);
    do {
      let own: TypeRef = type;
      while (this.accept("*")) own = { kind: "ptr", to: own.kind === "typeof" ? { kind: "void" } : own };
      const name = this.word("a declaration");
      while (this.accept("[")) {
        if (!this.isOp("]")) this.conditional();
        this.expect("]");
      }
      const e = this.accept("=") ? this.conditional() : undefined;
      const auto = own.kind === "typeof" && own.e.op === "rec" && e !== undefined;
      out.push({ op: "declare", name, type: auto ? { kind: "typeof", e, stars: 0 } : own, e });
    } while (this.accept(","));
    this.expect(";");
  }
}
