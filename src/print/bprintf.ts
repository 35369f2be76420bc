import type { Abi } from "../ground/abi.js";
import { printBehaviour } from "./by-version.js";
import type { PrintEnv } from "./env.js";
import { library, type PrintState } from "./library.js";
import { dec64s, dec64u, hex64, type NumberSpec, oct64, padNumber, padString } from "./number.js";
import { numberSpec, type Piece, splitFormat } from "./printf.js";
import { cstr, OVERFLOW } from "./runtime.js";

type Conversion = Exclude<Piece, { kind: "text" | "invalid" }>;

/** Prints the packed arguments from `at` up to `end`. */
export type BprintfPrinter = (d: DataView, u: Uint8Array, at: number, end: number, env: PrintEnv) => string;

/**
 * Compiles the format of a trace_printk(): the event holds the arguments as vbin_printf() packs them, and
 * bstr_printf() prints them (lib/vsprintf.c, 6.12 to 7.3). Arguments beyond the record are marked in the text.
 * @param format the format, one character a byte (from printk_formats)
 * @param release of the kernel that packed them; undefined: the newest known
 */
export function compileBprintf(format: string, abi: Abi, release: string | undefined): BprintfPrinter {
  const { packsShorts } = printBehaviour(release);
  const pieces = splitFormat(format, abi.longSize);
  const beyond = format.endsWith("\n") ? `${OVERFLOW}\n` : OVERFLOW;
  return (d, u, at, end, env) => {
    const args = new Arguments(d, u, at, end, abi);
    let out = "";
    for (const piece of pieces) {
      if (piece.kind === "text" || piece.kind === "invalid") out += piece.text;
      else {
        const text = one(piece, args, env, packsShorts);
        if (text === undefined) return out + beyond;
        out += text;
      }
    }
    return out;
  };
}

/** The packed arguments, read in order. */
class Arguments {
  constructor(
    private readonly d: DataView,
    private readonly u: Uint8Array,
    private at: number,
    private readonly end: number,
    readonly abi: Abi,
  ) {
    this.start = at;
  }

  private readonly start: number;

  private take(size: number): number | undefined {
    const align = Math.min(size, 4);
    const p = this.start + Math.ceil((this.at - this.start) / align) * align;
    if (p + size > this.end) return undefined;
    this.at = p + size;
    return p;
  }

  byte(): number | undefined {
    const p = this.take(1);
    return p === undefined ? undefined : this.u[p];
  }

  short(): number | undefined {
    const p = this.take(2);
    return p === undefined ? undefined : this.d.getUint16(p, this.abi.littleEndian);
  }

  int(): number | undefined {
    const p = this.take(4);
    return p === undefined ? undefined : this.d.getInt32(p, this.abi.littleEndian);
  }

  wide(): [number, number] | undefined {
    const p = this.take(8);
    if (p === undefined) return undefined;
    const le = this.abi.littleEndian;
    return [this.d.getUint32(le ? p + 4 : p, le), this.d.getUint32(le ? p : p + 4, le)];
  }

  pointer(): [number, number] | undefined {
    if (this.abi.longSize === 8) return this.wide();
    const v = this.int();
    return v === undefined ? undefined : [0, v >>> 0];
  }

  text(): string | undefined {
    if (this.at >= this.end) return undefined;
    const text = cstr(this.u, this.at, this.start, this.end);
    this.at += text.length + 1;
    return text;
  }
}

function one(c: Conversion, args: Arguments, env: PrintEnv, packsShorts: boolean): string | undefined {
  let width = -1;
  let left = c.left;
  if (c.width === "*") {
    const w = args.int();
    if (w === undefined) return undefined;
    left ||= w < 0;
    width = Math.abs(w);
  } else width = c.width;
  let precision = -1;
  if (c.precision === "*") {
    const p = args.int();
    if (p === undefined) return undefined;
    precision = Math.max(0, p);
  } else precision = c.precision;
  const spec: NumberSpec = {
    ...numberSpec(c, width, precision),
    left,
    plus: c.plus && c.signed,
    space: c.space && c.signed,
  };
  switch (c.kind) {
    case "char": {
      const v = args.byte();
      return v === undefined ? undefined : padString(String.fromCharCode(v), width, left);
    }
    case "string": {
      const text = args.text();
      return text === undefined ? undefined : padString(precision < 0 ? text : text.slice(0, precision), width, left);
    }
    case "pointer":
      return pointer(c, args, env, width, left);
    case "number": {
      const digits = number(c, args, packsShorts);
      return digits === undefined ? undefined : padNumber(digits, spec);
    }
  }
}

function number(c: Conversion, args: Arguments, packsShorts: boolean): string | undefined {
  if (c.size === 8) {
    const v = args.wide();
    if (v === undefined) return undefined;
    if (c.base === 10) return c.signed ? dec64s(...v) : dec64u(...v);
    return c.base === 16 ? hex64(...v) : oct64(...v);
  }
  const v = packsShorts && c.size === 1 ? args.byte() : packsShorts && c.size === 2 ? args.short() : args.int();
  if (v === undefined) return undefined;
  const shift = 32 - c.size * 8;
  const value = c.signed ? (v << shift) >> shift : (v << shift) >>> shift;
  return value.toString(c.base);
}

function pointer(c: Conversion, args: Arguments, env: PrintEnv, width: number, left: boolean): string | undefined {
  const first = c.ext[0] ?? "";
  // Everything that reads memory was printed when the event was written: the text is in the record.
  if (first !== "" && !"SsxKe".includes(first)) return args.text();
  const p = args.pointer();
  if (p === undefined) return undefined;
  const [hi, lo] = p;
  const state: PrintState = { unknown: false, marked: 0 };
  const long = args.abi.longSize;
  switch (first) {
    case "S":
    case "s":
      return padString(env.symbol(hi, lo, first), width, left);
    case "x":
      return library.rawPointer(hi, lo, long, width, left);
    case "e":
      return library.errorPointer(state, env, hi, lo, long, width, left);
    default:
      return library.pointer(state, env, hi, lo, long, width, left);
  }
}
