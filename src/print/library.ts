import { kretprobed } from "../system/symbols/kretprobed.js";
import { withoutModule } from "../system/symbols/style.js";
import * as digits from "./digits.js";
import { hexAddress } from "./env.js";
import * as dump from "./hex-dump.js";
import type { NumberSpec } from "./number.js";
import * as numbers from "./number.js";
import * as pointed from "./pointed-text.js";
import * as pointers from "./pointers.js";
import type { PrintedRecord } from "./record.js";
import * as runtime from "./runtime.js";
import type { TextSink } from "./text-sink.js";

const wideHex = (x: number): string => (x < 0 ? `ffffffff${(x >>> 0).toString(16).padStart(8, "0")}` : x.toString(16));

/**
 * trace_print_flags_seq() and trace_print_symbols_seq() walk the table by its size since 6.19, and print the name of
 * every element that fits: through NULL, where a table's own end is in it.
 */
const NAMELESS = "it has flags or a value without a name, which kernels from 6.19 on print through NULL";

/** Stands in the text for what follows from a kernel variable (jiffies, vmemmap_base) that an image does not hold. */
const UNKNOWN = "<unknown>";

/** IS_ERR_VALUE(): the last 4095 addresses. */
function isError(hi: number, lo: number, longSize: 4 | 8): boolean {
  return lo >= 0xfffff001 && (longSize === 4 || hi === 0xffffffff);
}

/** The symbol at a probe's place; a name alone is without its module. */
function placeName(R: PrintedRecord, hi: number, lo: number, style: "s" | "S"): string {
  const symbol = kretprobed(R.env.symbol(hi, lo, style));
  return style === "s" ? withoutModule(symbol) : symbol;
}

/** With the option sym-addr, a symbol has its address behind it. */
function withAddress(R: PrintedRecord, text: string, hi: number, lo: number): string {
  return R.env.symAddr ? `${text} <${hexAddress(hi, lo, R.longSize)}>` : text;
}

/** Everything that generated code may call, as H.name. */
export const library = {
  ...digits,
  ...numbers,
  ...runtime,
  ...pointers,
  ...pointed,
  ...dump,

  wideDec: (x: number): string => String(x),
  wideDecU: (x: number): string => (x < 0 ? BigInt.asUintN(64, BigInt(x)).toString() : String(x)),
  wideHex,
  wideOct: (x: number): string => BigInt.asUintN(64, BigInt(x)).toString(8),

  char: (c: number): string => String.fromCharCode(c),
  charAt: (s: string, i: number): number => {
    const c = s.charCodeAt(i);
    return Number.isNaN(c) ? 0 : c;
  },

  /** A width and a precision that came from arguments (set_field_width(), set_precision()). */
  spec: (s: NumberSpec, width: number, precision: number): NumberSpec => ({
    ...s,
    left: s.left || width < 0,
    width: width < 0 && width !== -1 ? -width : width,
    precision: precision < -1 ? 0 : precision,
  }),

  /** Of a precision that has room in a printf_spec, a negative one is no limit (set_precision() up to 6.13). */
  oldPrecision: (precision: number): number =>
    precision < -0x8000 || precision >= 0 ? Math.max(0, precision) : Number.POSITIVE_INFINITY,

  load64: (R: PrintedRecord, at: number, signed: boolean): bigint =>
    signed ? R.d.getBigInt64(at, R.littleEndian) : R.d.getBigUint64(at, R.littleEndian),

  /** 32-bit shifts whose count is cut by a mask wider than 31. */
  shiftLeft: (v: number, n: number, mask: number): number => ((n & mask) > 31 ? 0 : v << n),
  shiftRight: (v: number, n: number, mask: number): number => ((n & mask) > 31 ? 0 : v >>> n),
  shiftSigned: (v: number, n: number, mask: number): number => v >> Math.min(n & mask, 31),

  /** An unsigned number of the record in a byte order that is not the writer's. */
  loadAs: (R: PrintedRecord, at: number, size: 2 | 4 | 8, littleEndian: boolean): bigint => {
    runtime.check(R, at, size);
    if (size === 8) return R.d.getBigUint64(at, littleEndian);
    return BigInt(size === 4 ? R.d.getUint32(at, littleEndian) : R.d.getUint16(at, littleEndian));
  },

  /** A variable of the kernel; 0 and a note when the environment does not know it. */
  global: (R: PrintedRecord, name: string, bits: number): bigint => {
    const value = R.env.global?.(name);
    if (value === undefined) R.unknown = true;
    return BigInt.asUintN(bits, value ?? 0n);
  },

  /** A number or text that was computed from a variable of the kernel which is not known. */
  orUnknown: (R: PrintedRecord, text: string | number): string => {
    const known = !R.unknown;
    R.unknown = false;
    return known ? String(text) : UNKNOWN;
  },

  /** What stands for a value that cannot be told: its name, and the raw values that it is made of. */
  marker: (R: PrintedRecord, label: string, values: readonly string[]): string => {
    R.marked++;
    return `<${label}(${values.join(",")})>`;
  },
  rawHex: (v: bigint): string => `0x${BigInt.asUintN(64, v).toString(16)}`,
  rawBytes: (R: PrintedRecord, at: number, length: number): string =>
    runtime.hexBytes(R, at, Math.min(length, Math.max(0, R.end - at)), " "),

  /** What stands where a conversion read beyond the record, or divided by zero. */
  failed: (W: TextSink, R: PrintedRecord, from: number, error: unknown): void => {
    if (!(error instanceof runtime.RecordError) && !(error instanceof RangeError)) throw error;
    R.unknown = false;
    R.marked++;
    W.at = from;
    W.text(`<${error.message}>`);
  },

  /** Takes back what was written since, up to a NUL: a text made in a buffer of its own. */
  takeBack: (W: TextSink, from: number): string => {
    const text = W.string(from);
    W.at = from;
    const end = text.indexOf("\0");
    return end < 0 ? text : text.slice(0, end);
  },

  /** An element of a kernel's array of names; what lies outside of it is not known. */
  pick: (R: PrintedRecord, label: string, names: Readonly<Record<number, string>>, i: number): string =>
    names[i] ?? library.marker(R, label, [library.rawHex(BigInt(i))]),

  /** %p: default_pointer() and ptr_to_id(). NULL and error values print as they are. */
  pointer: (R: PrintedRecord, hi: number, lo: number): string => {
    const known = !R.unknown;
    R.unknown = false;
    if (known && ((hi | lo) === 0 || isError(hi, lo, R.longSize))) return hexAddress(hi, lo, R.longSize);
    return R.env.pointer(hi, lo, known);
  },

  /** The same, written to a sink; the halves may be signed. */
  writePointer: (W: TextSink, R: PrintedRecord, hi: number, lo: number): void => {
    if (R.env.realPointers && R.longSize === 8 && !R.unknown) {
      W.hex8(hi);
      W.hex8(lo);
    } else W.text(library.pointer(R, hi >>> 0, lo >>> 0));
  },

  /** A C string of the record, written to a sink: as cstr(). */
  writeCstr: (W: TextSink, R: PrintedRecord, at: number): void => {
    const { u, end } = R;
    let stop = at;
    if (at >= R.start) while (stop < end && u[stop] !== 0) stop++;
    if (stop < end && at >= R.start) W.range(u, at, stop);
    else W.text(runtime.cstr(R, at));
  },

  /** %px without a width. */
  hexAddress,

  /** %pe: the name of an error value; anything else as %p. */
  errorPointer: (R: PrintedRecord, hi: number, lo: number): string => {
    if (!isError(hi, lo, R.longSize)) return library.pointer(R, hi, lo);
    const error = 0x1_0000_0000 - lo;
    return pointers.errorName(error) ?? String(-error);
  },

  /**
   * The place of a probe event of which nothing tells whether it is a kprobe or a uprobe, whose format reads alike. With the
   * option sym-addr, a kprobe's has its address.
   */
  probePlace: (R: PrintedRecord, hi: number, lo: number, style: "s" | "S"): string => {
    const text = placeName(R, hi, lo, style);
    const ofProgram = (R.longSize === 8 ? hi : lo) >>> 31 === 0 && text.startsWith("0x");
    return ofProgram ? text : withAddress(R, text, hi, lo);
  },
  /** That of a kprobe or its like: seq_print_ip_sym(), kernel/trace/trace_output.c. */
  kernelPlace: (R: PrintedRecord, hi: number, lo: number, style: "s" | "S"): string => {
    if ((hi | lo) === 0) return "0";
    const text = placeName(R, hi, lo, style);
    // trace_seq_print_sym(): without an offset, an address that has no symbol is "0x%08lx".
    const shown = style === "s" && text.startsWith("0x") ? `0x${text.slice(2).padStart(8, "0")}` : text;
    return withAddress(R, shown, hi, lo);
  },
  /** That of a uprobe: print_uprobe_event(), kernel/trace/trace_uprobe.c. */
  programPlace: (_R: PrintedRecord, hi: number, lo: number): string => `0x${numbers.hex64(hi, lo)}`,

  /** A %p extension on memory that is not in the record: NULL and small values as check_pointer_msg(), else a marker. */
  unreadable: (hi: number, lo: number, longSize: 4 | 8): string => {
    if ((hi | lo) === 0) return "(null)";
    if ((hi === 0 && lo < 4096) || isError(hi, lo, longSize)) return "(efault)";
    return `(0x${numbers.hex64(hi, lo)})`;
  },

  /** %s of an address in the kernel. */
  kernelString: (R: PrintedRecord, hi: number, lo: number): string => {
    if ((hi | lo) === 0) return "(null)";
    if ((hi === 0 && lo < 4096) || isError(hi, lo, R.longSize)) return "(efault)";
    return R.env.string(hi, lo) ?? `(0x${numbers.hex64(hi, lo)})`;
  },
  kernelStringB: (R: PrintedRecord, address: bigint): string => {
    const u = BigInt.asUintN(64, address);
    return library.kernelString(R, Number(u >> 32n), Number(u & 0xffffffffn));
  },

  /** Notes flags that reach an element without a name, and adds no text. */
  namelessFlag: (R: PrintedRecord, table: runtime.NameTable, hi: number, lo: number): string => {
    const [leftHi, leftLo] = runtime.takeFlags(table, hi, lo);
    const [maskHi, maskLo] = table.nameless ?? [0, 0];
    const reached = (leftHi & maskHi) >>> 0 === maskHi && (leftLo & maskLo) >>> 0 === maskLo;
    if ((leftHi | leftLo) !== 0 && reached) R.fatal = NAMELESS;
    return "";
  },
  /** The same of a value. */
  namelessValue: (R: PrintedRecord, table: runtime.NameTable, hi: number, lo: number): string => {
    const [atHi, atLo] = table.nameless ?? [0, 0];
    if (hi === atHi && lo === atLo && !runtime.hasName(table, hi, lo)) R.fatal = NAMELESS;
    return "";
  },

  /** %pa: an address in the record. */
  addressAt: (R: PrintedRecord, at: number, size: 4 | 8): string => {
    if (!R.has(at, size)) return runtime.OVERFLOW;
    const value = size === 4 ? R.u32(at) : R.d.getBigUint64(at, R.littleEndian);
    return `0x${value.toString(16).padStart(2 * size, "0")}`;
  },

  jiffiesToMsecs: (hi: number, lo: number, hz = 250): number => {
    if (hi === 0) return Math.floor((lo * 1000) / hz) >>> 0;
    return Number(BigInt.asUintN(32, (numbers.big(hi, lo) * 1000n) / BigInt(hz)));
  },
  jiffiesToMsecsB: (j: bigint, hz = 250): number => Number(BigInt.asUintN(32, (j * 1000n) / BigInt(hz))),

  /** __get_stacktrace(): the macro passes the array itself to a printer of one symbol a line (trace_output.c). */
  stackTrace: (R: PrintedRecord, at: number, length: number): string => {
    if (!R.has(at, length)) return runtime.OVERFLOW;
    let out = "";
    for (let p = at; p + R.longSize <= at + length; p += R.longSize)
      out += `\n => ${R.env.symbol(R.longHi(p), R.longLo(p), "S")}`;
    return out;
  },
};

/** The names of the library's functions as generated code calls them: a missing one is an error of the compiler. */
export const fn = Object.fromEntries(Object.keys(library).map((name) => [name, `H.${name}`])) as Readonly<
  Record<keyof typeof library, string>
>;
