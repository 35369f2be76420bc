import type { Abi } from "../../../src/ground/abi.js";
import { parseRelease } from "../../../src/ground/release.js";
import type { Expr, TypeRef } from "../../../src/print/ast.js";
import { ownEnumValue } from "../../../src/print/driver-enums.js";
import { enumValue } from "../../../src/print/enums.js";
import type { PrintedRecord } from "../../../src/print/record.js";
import { StructLayouts, type StructMember } from "../../../src/print/struct-layouts.js";
import { CHAR, type CType, INT, intType, sizeOf, U64, UINT, VOID } from "../../../src/system/formats/ctype.js";
import type { EventField, EventFormat } from "../../../src/system/formats/parse-format.js";
import { call } from "./calls.js";
import { printed } from "./printf.js";
import { common, Fault, isSigned, number, promoted, Unsupported, type Value, widthOf } from "./values.js";

/** Works out expressions of a print format over one record, in bigints and with C's types. */
export class Evaluator {
  private readonly scope: Map<string, Value>;
  readonly layouts: StructLayouts;

  constructor(
    readonly format: EventFormat,
    readonly abi: Abi,
    readonly release: string,
    readonly record: PrintedRecord,
    scope?: ReadonlyMap<string, Value>,
  ) {
    this.scope = new Map(scope);
    this.layouts = new StructLayouts(undefined, abi, parseRelease(release)!);
  }

  get ulong(): CType {
    return intType(this.abi.longSize, false);
  }

  number(value: bigint, type: CType): Value & { kind: "number" } {
    return number(value, type, this.abi);
  }

  /** A field by its name: a plain one before a dynamic one. */
  field(name: string): EventField {
    const named = this.format.fields.filter((f) => f.name === name.replace(/^__(?:data|rel)_loc_/, ""));
    const isDynamic = (f: EventField) => f.shape === "data_loc" || f.shape === "rel_loc";
    // Of several plain fields, C would not compile: the last stands for all.
    const field = named.findLast((f) => !isDynamic(f)) ?? named.findLast(isDynamic);
    if (field === undefined) throw new Unsupported(`no field ${name}`);
    return field;
  }

  load(at: number, type: CType, checked = true): Value {
    const { d, start, end } = this.record;
    const size = widthOf(type, this.abi);
    if (checked && (at < start || at + size > end)) throw new Fault("data beyond the record");
    let value = 0n;
    for (let i = 0; i < size; i++)
      value = (value << 8n) | BigInt(d.getUint8(at + (this.abi.littleEndian ? size - 1 - i : i)));
    return this.number(value, type);
  }

  convert(v: Value, type: CType): Value {
    if (type.kind === "void") return v;
    if (v.kind === "memory") {
      if (type.kind === "ptr") return { ...v, type };
      if (v.type.kind === "struct" && type.kind === "int" && v.type.size === type.size) return this.load(v.at, type);
      throw new Unsupported("an address as a number");
    }
    if (v.kind === "text") {
      if (type.kind === "ptr") return v;
      throw new Unsupported("text as a number");
    }
    if (type.kind === "struct") return v;
    if (type.kind === "int" && type.bool) {
      if (v.type.kind === "int" && v.type.bool) return v;
      return this.number(v.value === 0n ? 0n : 1n, type);
    }
    return this.number(v.value, type);
  }

  int(e: Expr): bigint {
    const v = this.convert(this.eval(e), INT);
    return (v as Value & { kind: "number" }).value;
  }

  numeric(v: Value): Value & { kind: "number" } {
    if (v.kind !== "number") throw new Unsupported(`${v.kind} where a number is expected`);
    return v;
  }

  truth(v: Value): boolean {
    return v.kind === "number" ? v.value !== 0n : true;
  }

  resolve(type: TypeRef): CType {
    if (type.kind === "struct" && type.size === undefined) return { ...type, size: this.layouts.size(type.name) };
    if (type.kind !== "typeof") return type;
    let of = this.typeOf(type.e);
    for (let i = 0; i < type.stars; i++) of = { kind: "ptr", to: of };
    return of;
  }

  /** The type of an expression that is not evaluated. */
  typeOf(e: Expr): CType {
    switch (e.op) {
      case "num":
        return e.type;
      case "cast":
        return this.resolve(e.type);
      case "field": {
        const f = this.field(e.name);
        if (f.shape === "data_loc" || f.shape === "rel_loc") return UINT;
        if (f.shape === "array") return { kind: "ptr", to: f.element };
        return f.element;
      }
      case "unary":
        if (e.what === "!") return INT;
        if (e.what === "*" || e.what === "&") break;
        return promoted(this.typeOf(e.e), this.abi);
      case "binary": {
        if (/^(?:==|!=|<|>|<=|>=|&&|\|\|)$/.test(e.what)) return INT;
        const a = this.typeOf(e.a);
        if (e.what === "<<" || e.what === ">>") return promoted(a, this.abi);
        const b = this.typeOf(e.b);
        if (a.kind === "ptr" || b.kind === "ptr") break;
        return common(a, b, this.abi);
      }
      case "cond": {
        const [a, b] = [this.typeOf(e.a), this.typeOf(e.b)];
        if (a.kind === "ptr") return a;
        return b.kind === "ptr" ? b : common(a, b, this.abi);
      }
      case "sizeof":
      case "sizeofType":
        return this.ulong;
      case "str":
        return { kind: "ptr", to: CHAR };
      case "call":
        if (/^__get_.*(?:array|sockaddr)$/.test(e.name)) return { kind: "ptr", to: VOID };
        if (/^__get_.*len$/.test(e.name)) return INT;
    }
    // What has no other effect can be evaluated for its type.
    const v = this.eval(e);
    if (v.kind === "text") return { kind: "ptr", to: CHAR };
    return v.type;
  }

  eval(e: Expr): Value {
    switch (e.op) {
      case "num":
        return this.number(e.value, e.type);
      case "str":
        return { kind: "text", text: e.text };
      case "rec":
        return { kind: "memory", at: this.record.start, type: { kind: "ptr", to: VOID } };
      case "field":
        return this.readField(e.name);
      case "ident":
        return this.ident(e.name);
      case "cast":
        return this.convert(this.eval(e.e), this.resolve(e.type));
      case "sizeof":
        return this.number(BigInt(this.sizeof(e.e)), this.ulong);
      case "sizeofType": {
        const size = sizeOf(this.resolve(e.type), this.abi);
        if (size === undefined) throw new Unsupported("size of a type");
        return this.number(BigInt(size), this.ulong);
      }
      case "unary":
        return this.unary(e.what, e.e);
      case "binary":
        return this.binary(e.what, e.a, e.b);
      case "cond":
        return this.cond(e);
      case "index":
        return this.deref(this.eval(e.a), this.int(e.i));
      case "call":
        return call(this, e.name, e.args);
      case "block": {
        const inner = new Evaluator(this.format, this.abi, this.release, this.record, this.scope);
        for (const l of e.lets) inner.scope.set(l.name, inner.convert(inner.eval(l.e), inner.resolve(l.type)));
        return inner.eval(e.e);
      }
      case "print":
        return { kind: "text", text: printed(this, e.print) };
      case "member":
        return this.member(e.e, e.name);
    }
    throw new Unsupported(e.op);
  }

  private ident(name: string): Value {
    const local = this.scope.get(name);
    if (local !== undefined) return local;
    const value = ownEnumValue(name, this.format) ?? enumValue(name, parseRelease(this.release)!);
    if (value !== undefined)
      return this.number(value, value >= -0x80000000n && value < 0x80000000n ? INT : value < 0x100000000n ? UINT : U64);
    if (name === "NULL") return this.number(0n, { kind: "ptr", to: VOID });
    if (name === "true" || name === "ret" || name === "flags") return this.number(1n, INT);
    if (name === "false") return this.number(0n, INT);
    throw new Unsupported(name);
  }

  private readField(name: string): Value {
    const { start } = this.record;
    if (name === "ent") throw new Unsupported("REC->ent");
    const f = this.field(name);
    const at = start + f.offset;
    switch (f.shape) {
      case "int":
        return this.load(at, f.element);
      case "pointer":
        return f.size === this.abi.longSize ? this.load(at, f.element) : this.load(at, intType(f.size as 4 | 8, false));
      case "array":
        return { kind: "memory", at, type: { kind: "ptr", to: f.element }, length: f.size };
      case "opaque":
        return { kind: "memory", at, type: f.element, length: f.size };
      default:
        return this.load(at, UINT);
    }
  }

  private sizeof(e: Expr): number {
    if (e.op === "field") return this.field(e.name).size;
    if (e.op === "str") return e.text.length + 1;
    if (e.op === "ident" || e.op === "member" || e.op === "index") throw new Unsupported("size of an array");
    const size = sizeOf(this.typeOf(e), this.abi);
    if (size === undefined) throw new Unsupported("size of a type");
    return size;
  }

  private unary(what: string, e: Expr): Value {
    if (what === "&") return this.addressOf(e);
    const v = this.eval(e);
    if (what === "*") return this.deref(v, 0n);
    if (what === "!") return this.number(this.truth(v) ? 0n : 1n, INT);
    const n = this.numeric(v);
    const type = promoted(n.type, this.abi);
    return this.number(what === "-" ? -n.value : what === "~" ? ~n.value : n.value, type);
  }

  private addressOf(e: Expr): Value {
    if (e.op === "field") {
      const f = this.field(e.name);
      return { kind: "memory", at: this.record.start + f.offset, type: { kind: "ptr", to: f.element } };
    }
    if (e.op === "index") {
      const a = this.eval(e.a);
      return this.step(a, this.int(e.i), 1);
    }
    throw new Unsupported("address of an expression");
  }

  /** A pointer and a number of elements. */
  private step(p: Value, count: bigint, sign: 1 | -1): Value {
    if (p.kind !== "memory" || p.type.kind !== "ptr") throw new Unsupported("arithmetic on a pointer");
    const each = sizeOf(this.resolve(p.type.to), this.abi);
    if (each === undefined) throw new Unsupported("arithmetic on a pointer to an unknown type");
    return { kind: "memory", at: p.at + sign * Number(count) * each, type: p.type };
  }

  private binary(what: string, ea: Expr, eb: Expr): Value {
    if (what === "&&") return this.number(this.truth(this.eval(ea)) && this.truth(this.eval(eb)) ? 1n : 0n, INT);
    if (what === "||") return this.number(this.truth(this.eval(ea)) || this.truth(this.eval(eb)) ? 1n : 0n, INT);
    const a = this.eval(ea);
    const b = this.eval(eb);
    if (a.kind === "memory" || b.kind === "memory") {
      if (a.kind === "memory" && b.kind === "number" && (what === "+" || what === "-"))
        return this.step(a, (this.convert(b, INT) as Value & { kind: "number" }).value, what === "+" ? 1 : -1);
      if (a.kind === "number" && what === "+") return this.step(b, a.value, 1);
      if (what === "!=" || what === "==") return this.number(what === "!=" ? 1n : 0n, INT);
      throw new Unsupported("arithmetic on addresses");
    }
    const [x, y] = [this.numeric(a), this.numeric(b)];
    if (x.type.kind === "ptr" || y.type.kind === "ptr") throw new Unsupported("arithmetic on addresses");
    if (what === "<<" || what === ">>") return this.shift(what, x, y);
    const type = common(x.type, y.type, this.abi);
    const [p, q] = [this.number(x.value, type).value, this.number(y.value, type).value];
    const is = (yes: boolean) => this.number(yes ? 1n : 0n, INT);
    switch (what) {
      case "+":
        return this.number(p + q, type);
      case "-":
        return this.number(p - q, type);
      case "*":
        return this.number(p * q, type);
      case "/":
      case "%":
        if (q === 0n) throw new Fault("division by zero");
        return this.number(what === "/" ? p / q : p % q, type);
      case "&":
        return this.number(p & q, type);
      case "|":
        return this.number(p | q, type);
      case "^":
        return this.number(p ^ q, type);
      case "==":
        return is(p === q);
      case "!=":
        return is(p !== q);
      case "<":
        return is(p < q);
      case ">":
        return is(p > q);
      case "<=":
        return is(p <= q);
      case ">=":
        return is(p >= q);
    }
    throw new Unsupported(what);
  }

  /** Counts beyond the width: x86 and its like take them modulo the width; s390 takes six bits of it, arm eight. */
  private shift(what: string, x: Value & { kind: "number" }, y: Value & { kind: "number" }): Value {
    const type = promoted(x.type, this.abi);
    const { littleEndian, longSize } = this.abi;
    const bits = widthOf(type, this.abi) * 8;
    const masks = littleEndian && longSize === 8 ? BigInt(bits - 1) : longSize === 8 || bits === 64 ? 63n : 255n;
    const count = y.value & masks;
    const v = this.number(x.value, type).value;
    if (what === "<<") return this.number(v << count, type);
    return this.number(v >> count, type);
  }

  private cond(e: Expr & { op: "cond" }): Value {
    const c = this.eval(e.c);
    const isOne = (x: Expr, k: bigint) => x.op === "num" && x.value === k;
    if (c.kind === "number" && c.type.kind === "int" && c.type.bool && isOne(e.a, 1n) && isOne(e.b, 0n))
      return this.number(c.value, INT);
    const v = this.eval(this.truth(c) ? e.a : e.b);
    if (v.kind !== "number" || v.type.kind === "ptr") return v;
    const [a, b] = [this.typeOf(e.a), this.typeOf(e.b)];
    if (a.kind !== "int" || b.kind !== "int") return v;
    return this.number(v.value, common(a, b, this.abi));
  }

  deref(p: Value, index: bigint): Value {
    if (p.kind === "text") {
      const code = p.text.charCodeAt(Number(index));
      return this.number(BigInt(Number.isNaN(code) ? 0 : code), CHAR);
    }
    const at = this.step(p, index, 1);
    if (at.kind !== "memory" || at.type.kind !== "ptr") throw new Unsupported("reading memory");
    const to = this.resolve(at.type.to);
    if (to.kind === "void") throw new Unsupported("reading void");
    if (to.kind === "struct") return { kind: "memory", at: at.at, type: to };
    return this.load(at.at, to);
  }

  private member(e: Expr, name: string): Value {
    const root = e.op === "index" ? e.a : e;
    if (root.op === "ident" || (e.op === "field" && e.name === "ent")) throw new Unsupported("a member");
    const v = this.eval(e);
    const struct = v.kind === "text" ? VOID : v.type.kind === "ptr" ? v.type.to : v.type;
    const member = struct.kind === "struct" ? this.layouts.member(struct.name, name) : undefined;
    if (v.kind !== "memory" || member === undefined) throw new Unsupported("a member");
    return this.memberValue(v.at + member.offset, member);
  }

  private memberValue(at: number, { type, array, bits }: StructMember): Value {
    if (array !== undefined) return { kind: "memory", at, type: { kind: "ptr", to: type }, length: array };
    if (type.kind === "struct") return { kind: "memory", at, type };
    const v = this.numeric(this.load(at, type));
    if (bits === undefined) return v;
    const unsigned = BigInt.asUintN(64, v.value) >> BigInt(bits.shift);
    const cut = isSigned(type) ? BigInt.asIntN(bits.width, unsigned) : BigInt.asUintN(bits.width, unsigned);
    return this.number(cut, bits.width < 32 ? INT : promoted(type, this.abi));
  }
}
