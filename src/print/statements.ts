import { FormatError } from "../system/formats/errors.js";
import type { Expr, Let, TypeRef } from "./ast.js";

/** A statement of `({ ... })`. */
export type Statement =
  | {
      readonly op: "declare";
      readonly name: string;
      readonly type: TypeRef;
      readonly e: Expr | undefined;
    }
  | { readonly op: "assign"; readonly to: Expr; readonly e: Expr; readonly at: number }
  | { readonly op: "expr"; readonly e: Expr }
  | { readonly op: "if"; readonly c: Expr; readonly yes: readonly Statement[]; readonly no: readonly Statement[] }
  | { readonly op: "switch"; readonly e: Expr; readonly cases: readonly SwitchCase[] }
  | { readonly op: "break"; readonly at: number };

export interface SwitchCase {
  readonly values: readonly Expr[];
  readonly otherwise: boolean;
  readonly body: readonly Statement[];
}

/** A variable: its value as an expression of what the block was given, and for a union what each member was given. */
interface Variable {
  readonly type: TypeRef;
  readonly e: Expr | undefined;
}

/** Expressions that one block may become: branches repeat what they do not change. */
const MAX_EXPRESSIONS = 20_000;

/** The value of a statement expression, as one expression without assignments and branches. */
export function blockValue(body: readonly Statement[]): Expr {
  const block = new Block(body);
  return block.value();
}

class Block {
  private readonly lets: Let[] = [];
  private readonly changed: ReadonlySet<string>;
  /** Variables that hold trace_seq_buffer_ptr(): where the second buffer's text will begin. */
  private readonly starts = new Set<string>();
  private made = 0;
  private printed: Expr | undefined;
  private last: Expr | undefined;

  constructor(private readonly body: readonly Statement[]) {
    const names = new Set<string>();
    assigned(body, names);
    this.changed = names;
  }

  value(): Expr {
    this.run(this.body, new Map());
    if (this.last === undefined) throw new FormatError("a block without a value");
    return this.lets.length === 0 ? this.last : { op: "block", lets: this.lets, e: this.last };
  }

  /** Carries out statements; true when they end in a break. */
  private run(statements: readonly Statement[], vars: Map<string, Variable>): boolean {
    for (const s of statements) {
      switch (s.op) {
        case "declare":
          if (s.e?.op === "call" && s.e.name === "trace_seq_buffer_ptr") this.starts.add(s.name);
          else if (s.e !== undefined && !this.changed.has(s.name)) {
            const e = this.put(s.e, vars);
            this.lets.push({ name: s.name, type: s.type, e });
          } else vars.set(s.name, { type: s.type, e: s.e && this.put(s.e, vars) });
          break;
        case "assign":
          this.assign(s.to, this.put(s.e, vars), vars, s.at);
          break;
        case "expr":
          this.last = this.effect(s.e, vars);
          break;
        case "if": {
          const c = this.put(s.c, vars);
          const yes = new Map(vars);
          const no = new Map(vars);
          if (this.run(s.yes, yes) || this.run(s.no, no)) throw new FormatError("break inside if");
          this.merge(vars, c, yes, no);
          break;
        }
        case "switch":
          this.choose(s.cases, this.put(s.e, vars), vars);
          break;
        case "break":
          return true;
      }
    }
    return false;
  }

  /** An expression that stands as a statement: a printf into the second buffer, or the value so far. */
  private effect(e: Expr, vars: Map<string, Variable>): Expr {
    if (e.op === "call" && e.name === "trace_seq_printf") {
      const [, format, ...args] = e.args;
      if (format?.op !== "str") throw new FormatError("a format is expected", e.at);
      if (this.printed !== undefined) throw new FormatError("more than one trace_seq_printf()", e.at);
      this.printed = { op: "print", print: { format: format.text, args: args.map((arg) => this.put(arg, vars)) } };
      return this.printed;
    }
    return this.put(e, vars);
  }

  private assign(to: Expr, e: Expr, vars: Map<string, Variable>, at: number): void {
    const name = to.op === "ident" ? to.name : to.op === "member" && to.e.op === "ident" ? to.e.name : undefined;
    const variable = name === undefined ? undefined : vars.get(name);
    if (name === undefined || variable === undefined) throw new FormatError("assignment to what is no variable", at);
    vars.set(to.op === "member" ? `${name}.${to.name}` : name, { type: variable.type, e });
    if (to.op === "member") vars.set(`${name}.`, { type: variable.type, e });
  }

  private choose(cases: readonly SwitchCase[], e: Expr, vars: Map<string, Variable>): void {
    let rest = new Map(vars);
    const branches = cases.map((_, i) => {
      const out = new Map(vars);
      for (const { body } of cases.slice(i)) if (this.run(body, out)) break;
      return out;
    });
    const otherwise = cases.findIndex((c) => c.otherwise);
    if (otherwise >= 0) rest = branches[otherwise]!;
    for (let i = cases.length - 1; i >= 0; i--) {
      if (i === otherwise) continue;
      const is = cases[i]!.values.map((v): Expr => ({ op: "binary", what: "==", a: e, b: this.put(v, vars) })).reduce(
        (a, b): Expr => ({ op: "binary", what: "||", a, b }),
      );
      const merged = new Map(rest);
      this.merge(merged, is, branches[i]!, rest);
      rest = merged;
    }
    for (const [name, value] of rest) vars.set(name, value);
  }

  private merge(
    vars: Map<string, Variable>,
    c: Expr,
    yes: ReadonlyMap<string, Variable>,
    no: ReadonlyMap<string, Variable>,
  ): void {
    for (const name of new Set([...yes.keys(), ...no.keys()])) {
      const a = yes.get(name);
      const b = no.get(name);
      const variable = a ?? b!;
      if (a?.e === b?.e) vars.set(name, variable);
      else vars.set(name, { type: variable.type, e: { op: "cond", c, a: initialOf(name, a), b: initialOf(name, b) } });
    }
  }

  /** The expression with the variables' values put in. */
  private put(e: Expr, vars: ReadonlyMap<string, Variable>): Expr {
    if (++this.made > MAX_EXPRESSIONS) throw new FormatError("a block too large");
    const put = (x: Expr): Expr => this.put(x, vars);
    switch (e.op) {
      case "ident": {
        const variable = vars.get(e.name);
        if (variable !== undefined) return { op: "cast", type: variable.type, e: initialOf(e.name, variable) };
        return this.printed !== undefined && this.starts.has(e.name) ? this.printed : e;
      }
      case "member":
        return this.member(e, vars);
      case "unary":
        return { ...e, e: put(e.e) };
      case "binary":
        return { ...e, a: put(e.a), b: put(e.b) };
      case "cond":
        return { ...e, c: put(e.c), a: put(e.a), b: put(e.b) };
      case "cast":
        return { ...e, e: put(e.e) };
      case "call":
        return { ...e, args: e.args.map(put) };
      case "index":
        return { ...e, a: put(e.a), i: put(e.i) };
      case "list":
        return { ...e, items: e.items.map(put) };
      default:
        return e;
    }
  }

  private member(e: Expr & { op: "member" }, vars: ReadonlyMap<string, Variable>): Expr {
    const name = e.e.op === "ident" ? e.e.name : undefined;
    const variable = name === undefined ? undefined : vars.get(name);
    if (variable === undefined) return { ...e, e: this.put(e.e, vars) };
    const own = vars.get(`${name}.${e.name}`);
    if (own !== undefined) return initialOf(e.name, own);
    const whole = vars.get(`${name}.`);
    if (whole === undefined || variable.type.kind !== "struct")
      return variable.e === undefined ? initialOf(e.name, undefined) : { ...e, e: variable.e };
    return { op: "part", e: initialOf(e.name, whole), struct: variable.type.name, name: e.name, at: e.at };
  }
}

function initialOf(name: string, variable: Variable | undefined): Expr {
  return variable?.e ?? { op: "bad", reason: `${name} has no value`, text: name, fields: [] };
}

/** Names that statements give a value after their declaration. */
function assigned(statements: readonly Statement[], into: Set<string>): void {
  for (const s of statements) {
    if (s.op === "assign") {
      if (s.to.op === "ident") into.add(s.to.name);
      else if (s.to.op === "member" && s.to.e.op === "ident") into.add(s.to.e.name);
    } else if (s.op === "if") {
      assigned(s.yes, into);
      assigned(s.no, into);
    } else if (s.op === "switch") for (const c of s.cases) assigned(c.body, into);
  }
}
