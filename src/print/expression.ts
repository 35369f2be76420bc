import type { Abi } from "../ground/abi.js";
import type { Release } from "../ground/release.js";
import { CHAR, CHAR_PTR, type CType, INT, intType, sizeOf, U64, UINT, VOID } from "../system/formats/ctype.js";
import { FormatError } from "../system/formats/errors.js";
import type { EventFormat } from "../system/formats/parse-format.js";
import type { KernelTypes } from "../system/kernel-types.js";
import type { Expr, TypeRef } from "./ast.js";
import type { PrintBehaviour } from "./by-version.js";
import { ownEnumValue } from "./driver-enums.js";
import { arithmetic, pointerArithmetic, shift } from "./emit-arithmetic.js";
import { emitCall } from "./emit-calls.js";
import { emitMarker } from "./emit-marker.js";
import { emitPrinted } from "./emit-printf.js";
import { Emitter } from "./emitter.js";
import { enumValue } from "./enums.js";
import { kernelArray } from "./kernel-arrays.js";
import { fn } from "./library.js";
import { StructLayouts, type StructMember } from "./struct-layouts.js";
import { constant, constOf, isSigned, type Val, widthOf } from "./value.js";

/** What is known of the kernel whose print formats these are. */
export interface WriterTypes {
  readonly abi: Abi;
  /** As uname -m has it: some compilers make their own of what C leaves open. */
  readonly machine: string | undefined;
  readonly release: Release;
  readonly behaviour: PrintBehaviour;
  readonly types: KernelTypes | undefined;
  /** All its events: some only name what the format of another lists. */
  readonly formats: ReadonlyMap<number, EventFormat>;
}

/** Compiles the C expressions of one event to JavaScript text. */
export class Expression extends Emitter {
  private readonly scope = new Map<string, Val>();
  readonly release: Release;
  readonly behaviour: PrintBehaviour;
  private readonly layouts: StructLayouts;

  constructor(
    format: EventFormat,
    private readonly kernel: WriterTypes,
  ) {
    super(format, kernel.abi, kernel);
    this.release = kernel.release;
    this.behaviour = kernel.behaviour;
    this.layouts = new StructLayouts(kernel.types, kernel.abi, kernel.release);
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
        return this.convert(this.expr(e.e), this.resolve(e.type));
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
        try {
          return emitCall(this, e.name, e.args, e.at);
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
          return emitMarker(this, e, error.message);
        }
      case "sizeofType": {
        const size = sizeOf(this.resolve(e.type), this.abi);
        if (size === undefined) throw new FormatError("size of an unknown struct", e.at);
        return constant(BigInt(size), this.ulong, this.longSize);
      }
      case "print":
        return {
          r: "s",
          code: emitPrinted(this, e.print),
          t: CHAR_PTR,
        };
      case "part":
        return this.part(e.e, e.struct, e.name, e.at);
      case "bad":
        return emitMarker(this, e, e.reason);
      case "block": {
        for (const l of e.lets) {
          if (l.e.op === "list") this.scope.set(l.name, this.table(l.e.items));
          else this.scope.set(l.name, this.store(this.convert(this.expr(l.e), this.resolve(l.type))));
        }
        return this.expr(e.e);
      }
      case "list":
        return this.table(e.items);
    }
  }

  /** A list: of names, or of values with their names. */
  private table(items: readonly Expr[]): Val {
    const names = items.map((item) => (item.op === "str" ? item.text : undefined));
    const length = items.length;
    if (length > 0 && names.every((name) => name !== undefined))
      return { r: "table", code: this.keep(names), length, each: this.longSize, t: { kind: "ptr", to: CHAR_PTR } };
    return { r: "table", code: this.keep(this.nameTable(items, false)), length, each: 2 * this.longSize, t: VOID };
  }

  private resolve(type: TypeRef): CType {
    if (type.kind === "struct" && type.size === undefined) return { ...type, size: this.layouts.size(type.name) };
    if (type.kind !== "typeof") return type;
    let of = this.typeOf(type.e);
    for (let i = 0; i < type.stars; i++) of = { kind: "ptr", to: of };
    return of;
  }

  /** The type of an expression, which is not evaluated. */
  private typeOf(e: Expr): CType {
    const { minimum, risky } = this;
    const { t } = this.expr(e);
    this.minimum = minimum;
    this.risky = risky;
    return t;
  }

  /** An enumerator: as the writer's BTF has it, else as it is known here. */
  private constantNamed(name: string, at: number): Val | undefined {
    const known = ownEnumValue(name, this.format) ?? enumValue(name, this.release);
    const values = this.kernel.types?.enumeratorValues(name, this.format.name) ?? [];
    const value = values.length === 0 || (known !== undefined && values.includes(known)) ? known : values[0];
    if (values.length > 1 && value !== known) throw new FormatError(`${name} has several values`, at);
    if (value === undefined) return undefined;
    const t = value >= -0x80000000n && value < 0x80000000n ? INT : value < 0x100000000n ? UINT : U64;
    return constant(value, t, this.longSize);
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
    const value = this.constantNamed(name, at);
    if (value !== undefined) return value;
    if (name === "NULL") return constant(0n, { kind: "ptr", to: VOID }, this.longSize);
    if (name === "true" || name === "false") return constant(name === "true" ? 1n : 0n, INT, this.longSize);
    // Locals of trace_raw_output_NAME() (include/trace/stages/stage3_trace_output.h): TRACE_TYPE_HANDLED, and the
    // trace options that %p symbols go by, of which TRACE_ITER_PRINT_PARENT is set.
    if (name === "ret" || name === "flags") return constant(1n, INT, this.longSize);
    // A variable of the kernel: known only to the environment.
    if (!/^[a-z_]\w*$/i.test(name) || /^[A-Z][A-Z0-9_]*$/.test(name))
      throw new FormatError(`unknown constant ${name}`, at);
    return this.global(name);
  }

  private sizeof(e: Expr): Val {
    const size = this.sizeOfExpr(e);
    if (size === undefined) throw new FormatError("size of an unknown struct");
    return constant(BigInt(size), this.ulong, this.longSize);
  }

  private sizeOfExpr(e: Expr): number | undefined {
    const table = e.op === "ident" ? this.scope.get(e.name) : undefined;
    if (table?.r === "table") return table.length * table.each;
    const element = e.op === "index" && e.a.op === "ident" ? this.scope.get(e.a.name) : undefined;
    if (element?.r === "table") return element.each;
    const kept = (x: Expr) => (x.op === "ident" ? kernelArray(x.name, this.release) : undefined);
    const array = kept(e);
    if (array !== undefined) return array.length * this.longSize;
    if (e.op === "index" && kept(e.a) !== undefined) return this.longSize;
    if (e.op === "field") return this.field(e.name, e.at).size;
    if (e.op === "str") return e.text.length + 1;
    if (e.op === "member") {
      const place = this.memberPlace(e.e, e.name);
      if (place?.member.array !== undefined) return place.member.array;
    }
    return sizeOf(this.typeOf(e), this.abi);
  }

  private unary(what: string, e: Expr): Val {
    if (what === "&") {
      if (e.op === "field") {
        const f = this.field(e.name, e.at);
        if (f.size > 0) this.reach(f.offset + f.size);
        return { r: "r", code: `(o+${f.offset})`, t: { kind: "ptr", to: f.element }, known: f.offset };
      }
      if (e.op === "index") return this.binary("+", e.a, e.i);
      const place = e.op === "member" ? this.memberPlace(e.e, e.name) : undefined;
      if (place !== undefined) return placed(place);
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
    return arithmetic(this, what, { a: this.convert(a, t), b: this.convert(b, t), t });
  }

  private cond(ec: Expr, ea: Expr, eb: Expr): Val {
    const c = this.expr(ec);
    const k = constOf(c);
    if (k !== undefined) return this.expr(k !== 0n ? ea : eb);
    const test = this.truth(c);
    const a = this.expr(ea);
    const b = this.expr(eb);
    // Compilers take a bool for 0 or 1, and this for the bool itself: of another byte the kernel prints that.
    if (c.r === "n" && c.t.kind === "int" && c.t.bool && constOf(a) === 1n && constOf(b) === 0n)
      return { ...c, t: INT, nonNegative: true };
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
    const array =
      ea.op === "ident" && this.scope.get(ea.name) === undefined ? kernelArray(ea.name, this.release) : undefined;
    const i = this.expr(ei);
    const k = constOf(i);
    if (array !== undefined) return this.pick(ea, this.keep(array), i);
    const a = this.expr(ea);
    if (a.r === "table" && a.t.kind === "ptr") return this.pick(ea, a.code, i);
    if (a.r === "r" && a.t.kind === "ptr" && k !== undefined && a.known !== undefined && ea.op === "field") {
      const f = this.field(ea.name, ea.at);
      const each = sizeOf(a.t.to, this.abi);
      if (each !== undefined && k >= 0n && k < BigInt(f.count) && a.t.to.kind === "int")
        return this.load(`o+${f.offset + Number(k) * each}`, a.t.to);
    }
    return this.deref(a, this.low(this.convert(i, INT)));
  }

  /** A name from an array of names. */
  private pick(array: Expr, code: string, i: Val): Val {
    const label = array.op === "ident" ? array.name : "names";
    return { r: "s", code: `${fn.pick}(R,${this.keep(label)},${code},${this.low(this.convert(i, INT))})`, t: CHAR_PTR };
  }

  /** `p[i]`, checked against the record's bounds. */
  private deref(p: Val, i: string): Val {
    if (p.r === "s") {
      const t = CHAR;
      return { r: "n", code: `${fn.charAt}(${p.code},${i})`, t };
    }
    if (p.r !== "r" || p.t.kind !== "ptr") throw new FormatError("reading memory outside the record");
    const to = this.resolve(p.t.to);
    const each = sizeOf(to, this.abi);
    if (each === undefined || to.kind === "void") throw new FormatError("reading through a pointer to an unknown type");
    if (to.kind === "struct") return { r: "r", code: `(${p.code}+${i}*${each})`, t: to };
    this.risky = true;
    const at = this.temp();
    const size = widthOf(to, this.longSize);
    if (size < 8) {
      const v = this.load(at, to);
      if (v.r !== "n") throw new FormatError("unexpected form");
      return { ...v, code: `(${at}=${fn.check}(R,${p.code}+${i}*${each},${each}),${v.code})` };
    }
    return {
      r: "b",
      code: `${fn.load64}(R,${fn.check}(R,${p.code}+${i}*8,8),${isSigned(to)})`,
      t: to,
    };
  }

  private member(e: Expr, name: string, at: number): Val {
    // REC->ent.pid and friends: struct trace_entry, the common fields under their old names.
    if (e.op === "field" && e.name === "ent") return this.readField(`common_${name}`, at);
    const place = this.memberPlace(e, name);
    if (place !== undefined) {
      const { type, array, bits } = place.member;
      if (array !== undefined || type.kind === "struct") return placed(place);
      const v = this.deref({ r: "r", code: place.code, t: { kind: "ptr", to: type } }, "0");
      return bits === undefined ? v : this.bitField(v, bits.shift, bits.width);
    }
    const root = e.op === "index" ? e.a : e;
    if (root.op === "ident" && this.scope.get(root.name) === undefined) return this.global(`${root.name}.${name}`);
    throw new FormatError(`member ${name} of a struct that the format file does not describe`, at);
  }

  /** Where a member of a struct in the record lies. */
  private memberPlace(e: Expr, name: string): Place | undefined {
    const root = e.op === "index" ? e.a : e;
    if (root.op === "ident" && this.scope.get(root.name) === undefined) return undefined;
    const v = this.expr(e);
    if (v.r === "marker") throw new FormatError(v.reason);
    const struct = v.t.kind === "ptr" ? v.t.to : v.t;
    if (v.r !== "r" || struct.kind !== "struct") return undefined;
    const member = this.layouts.member(struct.name, name);
    return member && { code: `(${v.code}+${member.offset})`, member };
  }

  /** A member of a union in a variable, of whose value `e` is the whole. */
  private part(e: Expr, struct: string, name: string, at: number): Val {
    const member = this.layouts.member(struct, name);
    if (member === undefined || member.type.kind !== "int" || member.array !== undefined)
      throw new FormatError(`member ${name} of union ${struct} is not known`, at);
    const v = this.expr(e);
    const size = widthOf(v.t, this.longSize);
    const start = this.abi.littleEndian ? member.offset * 8 : (size - member.offset - member.type.size) * 8;
    const { shift: from, width } = member.bits ?? { shift: 0, width: member.type.size * 8 };
    return this.bitField(this.convert(v, intType(size, false)), start + from, width);
  }

  /** `width` bits of a value. */
  private bitField(v: Val, from: number, width: number): Val {
    const t = v.t;
    const whole = widthOf(t, this.longSize);
    const unsigned = intType(whole, false);
    const count = (n: number) => constant(BigInt(n), INT, this.longSize);
    if (isSigned(t)) {
      const up = shift(this, "<<", this.convert(v, unsigned), count(whole * 8 - from - width));
      return shift(this, ">>", this.convert(up, t), count(whole * 8 - width));
    }
    const mask = constant((1n << BigInt(width)) - 1n, unsigned, this.longSize);
    const down = shift(this, ">>", this.convert(v, unsigned), count(from));
    const wide = this.promote(unsigned);
    const bits = arithmetic(this, "&", { a: this.convert(down, wide), b: this.convert(mask, wide), t: wide });
    // A bit field narrower than int is promoted to int.
    return width < 32 ? this.convert(bits, INT) : bits;
  }
}

/** A member's place in the record. */
interface Place {
  readonly code: string;
  readonly member: StructMember;
}

function placed({ code, member }: Place): Val {
  const length = member.array ?? (member.type.kind === "struct" ? member.type.size : undefined);
  const t: CType =
    member.type.kind === "struct" && member.array === undefined ? member.type : { kind: "ptr", to: member.type };
  return { r: "r", code, t, ...(length === undefined ? {} : { length }) };
}
