import type { Abi } from "../ground/abi.js";
import { CHAR, CHAR_PTR, type CType, INT, intType, sizeOf, VOID } from "../system/formats/ctype.js";
import { FormatError } from "../system/formats/errors.js";
import type { EventField, EventFormat } from "../system/formats/parse-format.js";
import type { Expr } from "./ast.js";
import { arithmetic, pointerArithmetic, shift } from "./emit-arithmetic.js";
import { emitCall } from "./emit-calls.js";
import { enumValue } from "./enums.js";
import type { NameTable } from "./runtime.js";
import { constant, halves, isSigned, type Val, widthOf } from "./value.js";

/**
 * Compiles the C expressions of one event to JavaScript text. Only numbers, names made here, and indices into
 * `tables` and `texts` ever reach that text: nothing of a format file is pasted into it.
 */
export class Codegen {
  /** Tables and texts that the generated code refers to as K[i]. */
  readonly constants: unknown[] = [];
  /** Bytes that a record must have for the unchecked reads. */
  minimum = 0;
  private readonly fields = new Map<string, EventField>();
  private readonly scope = new Map<string, Val>();
  /** How many uses of kernel variables have been compiled so far. */
  globals = 0;
  private temps = 0;
  private readonly declared: string[] = [];

  constructor(
    readonly format: EventFormat,
    readonly abi: Abi,
  ) {
    for (const f of format.fields) this.fields.set(f.name, f);
  }

  get longSize(): 4 | 8 {
    return this.abi.longSize;
  }

  get ulong(): CType {
    return intType(this.abi.longSize, false);
  }

  /** Names of the variables that the code assigns. */
  get variables(): readonly string[] {
    return this.declared;
  }

  temp(): string {
    const name = `t${this.temps++}`;
    this.declared.push(name);
    return name;
  }

  /** Keeps a value for the generated code; its name there. */
  keep(value: unknown): string {
    this.constants.push(value);
    return `K[${this.constants.length - 1}]`;
  }

  text(text: string): string {
    return text.length <= 64 && /^[\x20-\x7e\n\t]*$/.test(text) ? JSON.stringify(text) : this.keep(text);
  }

  field(name: string, at: number): EventField {
    const f = this.fields.get(name);
    if (f === undefined) throw new FormatError(`no field ${name}`, at);
    return f;
  }

  optionalField(name: string): EventField | undefined {
    return this.fields.get(name);
  }

  /** The dynamic array behind a name, as __get_dynamic_array(name) and __get_rel_dynamic_array(name) find it. */
  dynamic(name: string, at: number, element = 0): { field: EventField; position: string; length: string } {
    const f = this.fields.get(name);
    if (f === undefined || (f.shape !== "data_loc" && f.shape !== "rel_loc"))
      throw new FormatError(`no dynamic array ${name}`, at);
    const place = f.offset + 4 * element;
    if (element > 0 && place + 4 > f.offset + f.size) throw new FormatError(`no element ${element} of ${name}`, at);
    this.reach(place + 4);
    const word = `d.getUint32(o+${place},${this.abi.littleEndian})`;
    const base = f.shape === "data_loc" ? "o" : `(o+${place + 4})`;
    return { field: f, position: `(${base}+(${word}&65535))`, length: `(${word}>>>16)` };
  }

  /** Notes that the record is read up to `end` without a check. */
  reach(end: number): void {
    if (end > this.minimum) this.minimum = end;
  }

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

  /** A kernel variable, asked of the environment at print time. */
  global(name: string): Val {
    this.globals++;
    const to: CType = POINTERS.get(name) ?? VOID;
    const t: CType = to === VOID ? this.ulong : { kind: "ptr", to };
    const code = `H.global(S,E,${this.keep(name)},${this.longSize * 8})`;
    if (this.longSize === 8) return { r: "b", code, t };
    return { r: "n", code: `Number(${code})`, t };
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

  readField(name: string, at: number): Val {
    if (name === "ent") return { r: "r", code: "o", t: { kind: "struct", name: "trace_entry", size: 8 }, known: 0 };
    const f = this.field(name, at);
    switch (f.shape) {
      case "int":
      case "pointer": {
        this.reach(f.offset + f.size);
        const t: CType = f.shape === "pointer" ? f.element : f.element;
        if (f.shape === "pointer" && f.size !== this.longSize)
          return this.load(`o+${f.offset}`, intType(f.size as 4 | 8, false));
        return this.load(`o+${f.offset}`, t);
      }
      case "array": {
        if (f.size > 0) this.reach(f.offset + f.size);
        return { r: "r", code: `(o+${f.offset})`, t: { kind: "ptr", to: f.element }, known: f.offset };
      }
      case "data_loc":
      case "rel_loc":
        // The kernel's own struct member: offset and length in one word.
        this.reach(f.offset + 4);
        return this.load(`o+${f.offset}`, intType(4, false));
      case "opaque":
        this.reach(f.offset + f.size);
        return { r: "r", code: `(o+${f.offset})`, t: f.element, known: f.offset };
    }
  }

  /** Reads a scalar at a position that is known to be inside the record. */
  load(position: string, t: CType): Val {
    const le = this.abi.littleEndian;
    const size = widthOf(t, this.longSize);
    const signed = isSigned(t);
    switch (size) {
      case 1:
        return { r: "n", code: signed ? `(u[${position}]<<24>>24)` : `u[${position}]`, t, nonNegative: !signed };
      case 2:
        return { r: "n", code: `d.get${signed ? "Int" : "Uint"}16(${position},${le})`, t, nonNegative: !signed };
      case 4:
        return { r: "n", code: `d.get${signed ? "Int" : "Uint"}32(${position},${le})`, t, nonNegative: !signed };
      case 8: {
        const first = `d.getUint32(${position},${le})`;
        const second = `d.getUint32(${position}+4,${le})`;
        return le ? { r: "p", hi: second, lo: first, t } : { r: "p", hi: first, lo: second, t };
      }
    }
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
      return { r: "n", code: `H.charAt(${p.code},${i})`, t };
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
      return { ...v, code: `(${at}=H.check(${p.code}+${i}*${each},${each},o,e),${v.code})` };
    }
    return {
      r: "b",
      code: `H.load64(d,${this.abi.littleEndian},H.check(${p.code}+${i}*8,8,o,e),${isSigned(to)})`,
      t: to,
    };
  }

  private member(e: Expr, name: string, at: number): Val {
    // REC->ent.pid and friends: struct trace_entry, the common fields under their old names.
    if (e.op === "field" && e.name === "ent") return this.readField(`common_${name === "type" ? "type" : name}`, at);
    if (e.op === "ident") return this.global(`${e.name}.${name}`);
    throw new FormatError(`member ${name} of a struct that the format file does not describe`, at);
  }

  /** Integer promotion. */
  promote(t: CType): CType {
    if (t.kind !== "int") return this.ulong;
    return t.size < 4 ? INT : t;
  }

  /** The usual arithmetic conversions. */
  common(a: CType, b: CType): CType {
    if (a.kind !== "int" || b.kind !== "int") return this.ulong;
    if (a.size !== b.size) return a.size > b.size ? a : b;
    return a.signed && b.signed ? a : intType(a.size, false);
  }

  /** A C conversion. */
  convert(v: Val, t: CType): Val {
    if (t.kind === "void") return v;
    if (v.r === "table") throw new FormatError("a table where a value is expected");
    if (v.r === "r" || v.r === "s") {
      if (t.kind === "ptr") return { ...v, t } as Val;
      if (v.r === "s") throw new FormatError("a string where a number is expected");
      // A struct that is read as a number of its own size ((u32)REC->id) is its first word; an address stays unknown.
      if (v.t.kind === "struct" && t.kind === "int" && v.t.size === t.size) return this.load(v.code, t);
      return { r: "n", code: `(${v.code}>>>0)`, t: this.longSize === 8 ? t : t, nonNegative: true };
    }
    if (t.kind === "struct") return v;
    const k = constOf(v);
    if (t.kind === "int" && t.bool) {
      if (k !== undefined) return constant(k === 0n ? 0n : 1n, t, this.longSize);
      return { r: "n", code: `(${this.truth(v)}?1:0)`, t, nonNegative: true };
    }
    if (k !== undefined) return constant(k, t, this.longSize);
    const size = widthOf(t, this.longSize);
    const signed = isSigned(t);
    if (size === 8) {
      if (v.r === "n") return { ...v, t };
      if (v.r === "p") return { ...v, t };
      if (widthOf(v.t, this.longSize) === 8 && isSigned(v.t) === signed) return { ...v, t };
      return { r: "b", code: `BigInt.as${signed ? "Int" : "Uint"}N(64,${v.code})`, t };
    }
    const from = v.t.kind === "int" ? v.t : undefined;
    const low = this.low(v);
    if (v.r === "n" && from !== undefined && from.size < 8) {
      const keeps = (from.size === size && from.signed === signed) || (from.size < size && (!from.signed || signed));
      if (keeps) return { ...v, t };
    }
    switch (size) {
      case 1:
        return { r: "n", code: signed ? `(${low}<<24>>24)` : `(${low}&255)`, t, nonNegative: !signed };
      case 2:
        return { r: "n", code: signed ? `(${low}<<16>>16)` : `(${low}&65535)`, t, nonNegative: !signed };
      default:
        return { r: "n", code: signed ? `(${low}|0)` : `(${low}>>>0)`, t, nonNegative: !signed };
    }
  }

  /** The low 32 bits, as a number that bit operations accept. */
  low(v: Val): string {
    switch (v.r) {
      case "n":
        return v.code;
      case "p":
        return v.lo;
      case "b":
        return `Number(BigInt.asUintN(32,${v.code}))`;
      case "r":
        return v.code;
      default:
        throw new FormatError("a string where a number is expected");
    }
  }

  /** Both halves, when they can be had cheaply. */
  pair(v: Val): { hi: string; lo: string } | undefined {
    const k = constOf(v);
    if (k !== undefined) {
      const [hi, lo] = halves(k);
      return { hi: `${hi}`, lo: `${lo}` };
    }
    // Long halves are not repeated: nested shifts would double the code each time.
    if (v.r === "p") return v.hi.length + v.lo.length > MAX_REPEATED ? undefined : v;
    if (v.r === "n") {
      if (v.nonNegative) return { hi: "0", lo: v.code };
      if (v.code.length < 120) return { hi: `(${v.code}<0?4294967295:0)`, lo: `(${v.code}>>>0)` };
    }
    return undefined;
  }

  /** The value as a bigint within its type. */
  big(v: Val): string {
    const signed = isSigned(v.t);
    const k = constOf(v);
    if (k !== undefined) return `${k < 0n ? `(${k}n)` : `${k}n`}`;
    switch (v.r) {
      case "b":
        return v.code;
      case "p":
        return `H.${signed ? "bigS" : "big"}(${v.hi},${v.lo})`;
      case "n":
        if (signed || v.nonNegative || widthOf(v.t, this.longSize) < 8) return `BigInt(${v.code})`;
        return `BigInt.asUintN(64,BigInt(${v.code}))`;
      case "r":
        return `BigInt(${v.code})`;
      default:
        throw new FormatError("a string where a number is expected");
    }
  }

  /** A bigint brought into its type. */
  wrap(code: string, t: CType): Val {
    const size = widthOf(t, this.longSize);
    const fit = `BigInt.as${isSigned(t) ? "Int" : "Uint"}N(${size * 8},${code})`;
    return size === 8 ? { r: "b", code: fit, t } : { r: "n", code: `Number(${fit})`, t };
  }

  /** The value as a condition. */
  truth(v: Val): string {
    const k = constOf(v);
    if (k !== undefined) return k === 0n ? "false" : "true";
    switch (v.r) {
      case "n":
        return `(${v.code})!==0`;
      case "p":
        return `(${v.hi}|${v.lo})!==0`;
      case "b":
        return `(${v.code})!==0n`;
      default:
        return "true";
    }
  }

  /** True for what a %s prints from text at hand. */
  isText(v: Val): boolean {
    return v.r === "s" || (v.r === "r" && v.t.kind === "ptr" && v.t.to.kind === "int" && v.t.to.size === 1);
  }

  /** The text of a %s argument. */
  string(v: Val): string {
    switch (v.r) {
      case "s":
        return v.code;
      case "r":
        return `H.cstr(u,${v.code},o,e)`;
      case "p":
      case "n":
      case "b": {
        if (constOf(v) === 0n) return '"(null)"';
        const p = this.pair(v);
        return p === undefined
          ? `H.kernelStringB(E,${this.big(v)},${this.longSize})`
          : `H.kernelString(E,${p.hi},${p.lo},${this.longSize})`;
      }
      default:
        throw new FormatError("a table where a string is expected");
    }
  }

  /** A table of { value, "name" } pairs. Values must be constants. */
  nameTable(items: readonly Expr[], wide: boolean): NameTable {
    const t = wide ? intType(8, false) : this.ulong;
    const hi: number[] = [];
    const lo: number[] = [];
    const names: string[] = [];
    for (const item of items) {
      if (item.op !== "list" || item.items.length !== 2) throw new FormatError("a { value, name } pair is expected");
      const value = constOf(this.convert(this.expr(item.items[0]!), t));
      if (value === undefined) throw new FormatError("a constant is expected in a table of names");
      const name = this.expr(item.items[1]!);
      if (name.r === "s" && name.text !== undefined) {
        const [h, l] = halves(value);
        hi.push(h);
        lo.push(l);
        names.push(name.text);
      } else if (constOf(name) === 0n) {
        // { -1, NULL }: the end of the table, as formats before 6.19's ARRAY_SIZE() showed it.
        break;
      } else throw new FormatError("a name is expected in a table of names");
    }
    return { hi, lo, names, seen: new Map() };
  }
}

/** The constant that a value is, if it is one. */
export function constOf(v: Val): bigint | undefined {
  return v.r === "n" || v.r === "p" ? v.k : undefined;
}

/** Characters of code that may be repeated. */
const MAX_REPEATED = 1200;

/** Kernel variables that are pointers to structs: arithmetic on them is scaled. */
const POINTERS: ReadonlyMap<string, CType> = new Map([
  ["vmemmap", { kind: "struct", name: "page", size: 64 } as const],
  ["mem_map", { kind: "struct", name: "page", size: 32 } as const],
]);
