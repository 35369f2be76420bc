import { CHAR, CHAR_PTR, INT, sizeOf, VOID } from "../system/formats/ctype.js";
import { FormatError } from "../system/formats/errors.js";
import type { Expr } from "./ast.js";
import { arithmetic, pointerArithmetic, shift } from "./emit-arithmetic.js";
import { emitCall } from "./emit-calls.js";
import { Emitter } from "./emitter.js";
import { enumValue } from "./enums.js";
import { fn } from "./library.js";
import { constant, constOf, isSigned, type Val, widthOf } from "./value.js";

/** Compiles the C expressions of one event to JavaScript text. */
export class Expression extends Emitter {
  private readonly scope = new Map<string, Val>();

  expr(e: Expr): Val {
    switch (e.op) {
      case "num":
        return constant(e.value, e.type, this.longSize);
      case "str":
        return { r: "s", code: this.text(e.text), t: CHAR_PTR, text: e.text };
      case "rec":
        return { r: "r", code: "o", t: { kind: "ptr", to: VOID }, known: 0 };
      case "field":
        return this.readField(e.name, e.at);
      case "ident":
        return this.ident(e.name, e.at);
      case "cast":
        return this.convert(this.expr(e.e), e.type);
      case "sizeof":
        return this.sizeof(e.e);
      case "unary":
        return this.unary(e.what, e.e);
      case "binary":
        return this.binary(e.what, e.a, e.b);
      case "cond":
        return this.cond(e.c, e.a, e.b);
      case "index":
        return this.index(e.a, e.i);
      case "member":
        return this.member(e.e, e.name, e.at);
      case "call":
        return emitCall(this, e.name, e.args, e.at);
      case "block": {
        for (const l of e.lets) {
          if (l.e.op === "list") {
            const table = this.nameTable(l.e.items, false);
            this.constants.push(table);
            const val: Val = { r: "table", index: this.constants.length - 1, length: table.names.length, t: VOID };
            this.scope.set(l.name, val);
          } else this.scope.set(l.name, this.store(this.convert(this.expr(l.e), l.type)));
        }
        return this.expr(e.e);
      }
      case "list":
        throw new FormatError("a list where a value is expected");
    }
  }

  /** Evaluates once: what is not a constant goes through a variable. */
  private store(v: Val): Val {
    if (v.r === "n" && v.k === undefined) {
      const t = this.temp();
      // The first use assigns. Blocks use their variables in order, so the assignment is repeated at each: it is pure.
      return { ...v, code: `(${t}=${v.code})` };
    }
    return v;
  }

  private ident(name: string, at: number): Val {
    const local = this.scope.get(name);
    if (local !== undefined) return local;
    const value = enumValue(name);
    if (value !== undefined) return constant(value, INT, this.longSize);
    if (name === "NULL") return constant(0n, { kind: "ptr", to: VOID }, this.longSize);
    if (name === "true" || name === "false") return constant(name === "true" ? 1n : 0n, INT, this.longSize);
    // A variable of the kernel: known only to the environment.
    if (!/^[a-z_]\w*$/i.test(name) || /^[A-Z][A-Z0-9_]*$/.test(name))
      throw new FormatError(`unknown constant ${name}`, at);
    return this.global(name);
  }

  private sizeof(e: Expr): Val {
    if (e.op === "ident") {
      const local = this.scope.get(e.name);
      if (local?.r === "table") return constant(BigInt(local.length * 2 * this.longSize), this.ulong, this.longSize);
    }
    if (e.op === "index" && e.a.op === "ident" && this.scope.get(e.a.name)?.r === "table")
      return constant(BigInt(2 * this.longSize), this.ulong, this.longSize);
    if (e.op === "field") {
      const f = this.field(e.name, e.at);
      return constant(BigInt(f.size), this.ulong, this.longSize);
    }
    const size = sizeOf(this.expr(e).t, this.abi);
    if (size === undefined) throw new FormatError("size of an unknown struct");
    return constant(BigInt(size), this.ulong, this.longSize);
  }

  private unary(what: string, e: Expr): Val {
    if (what === "&") {
      if (e.op === "field") {
        const f = this.field(e.name, e.at);
        if (f.size > 0) this.reach(f.offset + f.size);
        return { r: "r", code: `(o+${f.offset})`, t: { kind: "ptr", to: f.element }, known: f.offset };
      }
      if (e.op === "index") return this.binary("+", e.a, e.i);
      throw new FormatError("address of something that is no field");
    }
    const v = this.expr(e);
    if (what === "*") return this.deref(v, "0");
    if (what === "!") {
      const k = constOf(v);
      if (k !== undefined) return constant(k === 0n ? 1n : 0n, INT, this.longSize);
      return { r: "n", code: `(${this.truth(v)}?0:1)`, t: INT, nonNegative: true };
    }
    const t = this.promote(v.t);
    const p = this.convert(v, t);
    const k = constOf(p);
    if (k !== undefined) return constant(what === "-" ? -k : what === "~" ? ~k : k, t, this.longSize);
    if (what === "+") return p;
    if (p.r === "n" && widthOf(t, this.longSize) < 8) {
      const code = what === "-" ? `(0-${p.code})` : `(~${p.code})`;
      return { r: "n", code: isSigned(t) ? `(${code}|0)` : `(${code}>>>0)`, t, nonNegative: !isSigned(t) };
    }
    if (what === "~" && p.r === "p") return { r: "p", hi: `(~${p.hi}>>>0)`, lo: `(~${p.lo}>>>0)`, t };
    return this.wrap(`${what}${this.big(p)}`, t);
  }

  binary(what: string, ea: Expr, eb: Expr): Val {
    if (what === "&&" || what === "||") {
      const a = this.expr(ea);
      const ka = constOf(a);
      if (ka !== undefined) {
        if (what === "&&" ? ka === 0n : ka !== 0n) return constant(what === "&&" ? 0n : 1n, INT, this.longSize);
        return { r: "n", code: `(${this.truth(this.expr(eb))}?1:0)`, t: INT, nonNegative: true };
      }
      return { r: "n", code: `(${this.truth(a)}${what}${this.truth(this.expr(eb))}?1:0)`, t: INT, nonNegative: true };
    }
    const a = this.expr(ea);
    const b = this.expr(eb);
    if (a.t.kind === "ptr" || b.t.kind === "ptr") {
      const pointer = pointerArithmetic(this, what, a, b);
      if (pointer !== undefined) return pointer;
    }
    if (a.r === "s" || b.r === "s" || a.r === "r" || b.r === "r") {
      if (what === "==" || what === "!=") {
        // A pointer into the record, or to a string, against NULL.
        const other = a.r === "s" || a.r === "r" ? b : a;
        if (constOf(other) === 0n) return constant(what === "!=" ? 1n : 0n, INT, this.longSize);
      }
    }
    if (what === "<<" || what === ">>") return shift(this, what, a, b);
    const t = this.common(this.promote(a.t), this.promote(b.t));
    return arithmetic(this, what, this.convert(a, t), this.convert(b, t), t);
  }

  private cond(ec: Expr, ea: Expr, eb: Expr): Val {
    const c = this.expr(ec);
    const k = constOf(c);
    if (k !== undefined) return this.expr(k !== 0n ? ea : eb);
    const test = this.truth(c);
    const a = this.expr(ea);
    const b = this.expr(eb);
    if (this.isText(a) || this.isText(b))
      return { r: "s", code: `(${test}?${this.string(a)}:${this.string(b)})`, t: CHAR_PTR };
    if (a.r === "r" && b.r === "r") return { r: "r", code: `(${test}?${a.code}:${b.code})`, t: a.t };
    const t = a.t.kind === "ptr" ? a.t : b.t.kind === "ptr" ? b.t : this.common(this.promote(a.t), this.promote(b.t));
    const va = this.convert(a, t);
    const vb = this.convert(b, t);
    if (va.r === "n" && vb.r === "n") {
      const both = va.nonNegative === true && vb.nonNegative === true;
      return { r: "n", code: `(${test}?${va.code}:${vb.code})`, t, nonNegative: both };
    }
    const pa = this.pair(va);
    const pb = this.pair(vb);
    if (pa !== undefined && pb !== undefined && test.length < 160)
      return { r: "p", hi: `(${test}?${pa.hi}:${pb.hi})`, lo: `(${test}?${pa.lo}:${pb.lo})`, t };
    return { r: "b", code: `(${test}?${this.big(va)}:${this.big(vb)})`, t };
  }

  private index(ea: Expr, ei: Expr): Val {
    const a = this.expr(ea);
    const i = this.expr(ei);
    const k = constOf(i);
    if (a.r === "r" && a.t.kind === "ptr" && k !== undefined && a.known !== undefined && ea.op === "field") {
      const f = this.field(ea.name, ea.at);
      const each = sizeOf(a.t.to, this.abi);
      if (each !== undefined && k >= 0n && k < BigInt(f.count) && a.t.to.kind === "int")
        return this.load(`o+${f.offset + Number(k) * each}`, a.t.to);
    }
    return this.deref(a, this.low(this.convert(i, INT)));
  }

  /** `p[i]`, checked against the record's bounds. */
  private deref(p: Val, i: string): Val {
    if (p.r === "s") {
      const t = CHAR;
      return { r: "n", code: `${fn.charAt}(${p.code},${i})`, t };
    }
    if (p.r !== "r" || p.t.kind !== "ptr") throw new FormatError("reading memory outside the record");
    const to = p.t.to;
    const each = sizeOf(to, this.abi);
    if (each === undefined || to.kind === "void") throw new FormatError("reading through a pointer to an unknown type");
    if (to.kind === "struct") return { r: "r", code: `(${p.code}+${i}*${each})`, t: to };
    const at = this.temp();
    const size = widthOf(to, this.longSize);
    if (size < 8) {
      const v = this.load(at, to);
      if (v.r !== "n") throw new FormatError("unexpected form");
      return { ...v, code: `(${at}=${fn.check}(${p.code}+${i}*${each},${each},o,e),${v.code})` };
    }
    return {
      r: "b",
      code: `${fn.load64}(d,${this.abi.littleEndian},${fn.check}(${p.code}+${i}*8,8,o,e),${isSigned(to)})`,
      t: to,
    };
  }

  private member(e: Expr, name: string, at: number): Val {
    // REC->ent.pid and friends: struct trace_entry, the common fields under their old names.
    if (e.op === "field" && e.name === "ent") return this.readField(`common_${name === "type" ? "type" : name}`, at);
    if (e.op === "ident") return this.global(`${e.name}.${name}`);
    throw new FormatError(`member ${name} of a struct that the format file does not describe`, at);
  }
}
