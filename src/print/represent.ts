import type { Abi } from "../ground/abi.js";
import { type CType, INT, intType } from "../system/formats/ctype.js";
import { FormatError } from "../system/formats/errors.js";
import { fn } from "./library.js";
import { constant, constOf, halves, isSigned, type Val, widthOf } from "./value.js";

/**
 * Values in generated code: how a C value is held in JavaScript, and brought from one form to another. Only numbers,
 * names made here, and places in `constants` ever reach that code: nothing of a format file is pasted into it.
 */
export class Represent {
  /** Tables, texts and functions that the generated code refers to as K[i]. */
  readonly constants: unknown[] = [];
  /** Whether the code compiled last can fail on a record: reads that are checked, divisions. */
  risky = false;
  private readonly places = new Map<unknown, string>();
  private temps = 0;
  private readonly declared: string[] = [];

  constructor(
    readonly abi: Abi,
    private readonly made: { readonly machine?: string | undefined },
  ) {}

  /** As uname -m has it. Few formats ask, and whoever answers may have to search for it. */
  get machine(): string | undefined {
    return this.made.machine;
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

  /** Keeps a value for the generated code, once; its name there. */
  keep(value: unknown): string {
    let name = this.places.get(value);
    if (name === undefined) {
      name = `K[${this.constants.push(value) - 1}]`;
      this.places.set(value, name);
    }
    return name;
  }

  text(text: string): string {
    return text.length <= 64 && /^[\x20-\x7e\n\t]*$/.test(text) ? JSON.stringify(text) : this.keep(text);
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
    if (v.r === "marker") throw new FormatError(v.reason);
    if (v.r === "r" || v.r === "s") {
      if (t.kind === "ptr") return { ...v, t } as Val;
      if (v.r === "s") throw new FormatError("a string where a number is expected");
      // A struct that is read as a number of its own size ((u32)REC->id) is its first word; an address stays unknown.
      if (v.t.kind === "struct" && t.kind === "int" && v.t.size === t.size) return this.load(v.code, t);
      return { r: "n", code: `(${v.code}>>>0)`, t: t, nonNegative: true };
    }
    if (t.kind === "struct") return v;
    const k = constOf(v);
    if (t.kind === "int" && t.bool) {
      // A bool of the record keeps its byte, whatever that is: compilers load it as it lies.
      if (v.t.kind === "int" && v.t.bool) return v;
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
        throw new FormatError(v.r === "marker" ? v.reason : "a string where a number is expected");
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
        return `${signed ? fn.bigS : fn.big}(${v.hi},${v.lo})`;
      case "n":
        if (signed || v.nonNegative || widthOf(v.t, this.longSize) < 8) return `BigInt(${v.code})`;
        return `BigInt.asUintN(64,BigInt(${v.code}))`;
      case "r":
        return `BigInt(${v.code})`;
      default:
        throw new FormatError(v.r === "marker" ? v.reason : "a string where a number is expected");
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
        // Compilers for arm64 test the lowest bit of a bool, which is 0 or 1 to them; others test its byte.
        if (v.t.kind === "int" && v.t.bool && this.machine === "aarch64") return `(${v.code}&1)!==0`;
        return `(${v.code})!==0`;
      case "p":
        return `(${v.hi}|${v.lo})!==0`;
      case "b":
        return `(${v.code})!==0n`;
      case "marker":
        throw new FormatError(v.reason);
      default:
        return "true";
    }
  }

  /** True for what a %s prints from text at hand. */
  isText(v: Val): boolean {
    return (
      v.r === "s" ||
      v.r === "marker" ||
      (v.r === "r" && v.t.kind === "ptr" && v.t.to.kind === "int" && v.t.to.size === 1)
    );
  }

  /** The text of a %s argument. */
  string(v: Val): string {
    switch (v.r) {
      case "s":
      case "marker":
        return v.code;
      case "r":
        return `${fn.cstr}(R,${v.code})`;
      case "p":
      case "n":
      case "b": {
        if (constOf(v) === 0n) return '"(null)"';
        const p = this.pair(v);
        return p === undefined ? `${fn.kernelStringB}(R,${this.big(v)})` : `${fn.kernelString}(R,${p.hi},${p.lo})`;
      }
      default:
        throw new FormatError("a table where a string is expected");
    }
  }
}

/** Characters of code that may be repeated. */
const MAX_REPEATED = 1200;
