import type { Abi } from "../ground/abi.js";
import { type PrintBehaviour, printBehaviour } from "./by-version.js";
import type { PrintEnv } from "./env.js";
import { library } from "./library.js";
import { dec64s, dec64u, hex64, type NumberSpec, oct64, padNumber, padString } from "./number.js";
import { type Conversion, numberSpec, splitFormat } from "./printf.js";
import { PrintedRecord, type RecordData } from "./record.js";
import { cstr, OVERFLOW } from "./runtime.js";

/** Prints the packed arguments, which begin at `offset` in the record's data. */
export type BprintfPrinter = (record: RecordData, offset: number, env: PrintEnv) => string;

/**
 * Compiles the format of a trace_printk(): the event holds the arguments as vbin_printf() packs them, and
 * bstr_printf() prints them (lib/vsprintf.c, 6.12 to 7.3). Arguments beyond the record are marked in the text.
 * @param format the format, one character a byte (from printk_formats)
 * @param release of the kernel that packed them; undefined: the newest known
 */
export function compileBprintf(format: string, abi: Abi, release: string | undefined): BprintfPrinter {
  const behaviour = printBehaviour(release);
  const pieces = splitFormat(format, abi.longSize);
  const beyond = format.endsWith("\n") ? `${OVERFLOW}\n` : OVERFLOW;
  const args = new Arguments(abi);
  return (record, offset, env) => {
    args.begin(record, offset, env);
    let out = "";
    for (const piece of pieces) {
      if (piece.kind === "text" || piece.kind === "invalid") out += piece.text;
      else {
        const text = one(piece, args, behaviour);
        if (text === undefined) return out + beyond;
        out += text;
      }
    }
    return out;
  };
}

/** The packed arguments, read in order. */
class Arguments {
  readonly record: PrintedRecord;
  private start = 0;
  private at = 0;

  constructor(abi: Abi) {
    this.record = new PrintedRecord(abi);
  }

  begin(record: RecordData, offset: number, env: PrintEnv): void {
    this.record.open(record, env);
    this.start = record.data + offset;
    this.at = this.start;
  }

  private take(size: number): number | undefined {
    const align = Math.min(size, 4);
    const p = this.start + Math.ceil((this.at - this.start) / align) * align;
    if (p + size > this.record.end) return undefined;
    this.at = p + size;
    return p;
  }

  byte(): number | undefined {
    const p = this.take(1);
    return p === undefined ? undefined : this.record.u[p];
  }

  short(): number | undefined {
    const p = this.take(2);
    return p === undefined ? undefined : this.record.d.getUint16(p, this.record.littleEndian);
  }

  int(): number | undefined {
    const p = this.take(4);
    return p === undefined ? undefined : this.record.d.getInt32(p, this.record.littleEndian);
  }

  wide(): [number, number] | undefined {
    const p = this.take(8);
    return p === undefined ? undefined : [this.record.hi(p), this.record.lo(p)];
  }

  pointer(): [number, number] | undefined {
    if (this.record.longSize === 8) return this.wide();
    const v = this.int();
    return v === undefined ? undefined : [0, v >>> 0];
  }

  text(): string | undefined {
    if (this.at >= this.record.end) return undefined;
    const text = cstr(this.record, this.at);
    this.at += text.length + 1;
    return text;
  }
}

function one(c: Conversion, args: Arguments, { packsShorts, clampsPrecision }: PrintBehaviour): string | undefined {
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
    const most = clampsPrecision ? Math.max(0, p) : library.oldPrecision(p);
    precision = Number.isFinite(most) ? most : -1;
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
    case "pointer": {
      const text = pointer(c.ext, args, width);
      // What was printed when the event was written has its width.
      return text === undefined || isPacked(c.ext) ? text : padString(text, width, left);
    }
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

/** Whether a %p was printed when the event was written, as all that read memory are: the text is in the record. */
function isPacked(ext: string): boolean {
  return ext !== "" && !"SsxKe".includes(ext[0]!);
}

function pointer(ext: string, args: Arguments, width: number): string | undefined {
  if (isPacked(ext)) return args.text();
  const p = args.pointer();
  if (p === undefined) return undefined;
  const [hi, lo] = p;
  const { record } = args;
  switch (ext[0]) {
    case "S":
    case "s":
      return record.env.symbol(hi, lo, ext[0]);
    case "x":
      return width < 0 ? library.hexAddress(hi, lo, record.longSize) : hex64(hi, lo);
    case "e":
      return library.errorPointer(record, hi, lo);
    default:
      return library.pointer(record, hi, lo);
  }
}
