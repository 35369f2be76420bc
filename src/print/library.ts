import type { PrintEnv } from "./env.js";
import { hexAddress } from "./env.js";
import * as dump from "./hex-dump.js";
import type { NumberSpec } from "./number.js";
import * as numbers from "./number.js";
import * as pointed from "./pointed-text.js";
import * as pointers from "./pointers.js";
import * as runtime from "./runtime.js";
import type { TextSink } from "./text-sink.js";

/** What one printing keeps while it runs: whether the value at hand depends on something that is not known. */
export interface PrintState {
  unknown: boolean;
  /** Markers in the text so far: values that could not be told. */
  marked: number;
}

const wideHex = (x: number): string => (x < 0 ? `ffffffff${(x >>> 0).toString(16).padStart(8, "0")}` : x.toString(16));

/** How an address lies in a record. */
interface AddressShape {
  readonly littleEndian: boolean;
  /** Bytes. */
  readonly size: 4 | 8;
}

/** Stands in the text for what follows from a kernel variable (jiffies, vmemmap_base) that an image does not hold. */
const UNKNOWN = "<unknown>";

/** IS_ERR_VALUE(): the last 4095 addresses. */
function isError(hi: number, lo: number, longSize: 4 | 8): boolean {
  return lo >= 0xfffff001 && (longSize === 4 || hi === 0xffffffff);
}

function padPointer(text: string, width: number, left: boolean): string {
  return numbers.padString(text, width, left);
}

/** Everything that generated code may call, as H.name. */
export const library = {
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

  load64: (d: DataView, le: boolean, at: number, signed: boolean): bigint =>
    signed ? d.getBigInt64(at, le) : d.getBigUint64(at, le),

  /** 32-bit shifts whose count is cut by a mask wider than 31. */
  shiftLeft: (v: number, n: number, mask: number): number => ((n & mask) > 31 ? 0 : v << n),
  shiftRight: (v: number, n: number, mask: number): number => ((n & mask) > 31 ? 0 : v >>> n),
  shiftSigned: (v: number, n: number, mask: number): number => v >> Math.min(n & mask, 31),

  /** An unsigned number of the record in a byte order that is not the writer's. */
  loadAs: (d: DataView, at: number, size: 2 | 4 | 8, le: boolean, start: number, end: number): bigint => {
    runtime.check(at, size, start, end);
    if (size === 8) return d.getBigUint64(at, le);
    return BigInt(size === 4 ? d.getUint32(at, le) : d.getUint16(at, le));
  },

  /** A variable of the kernel; 0 and a note in the state when the environment does not know it. */
  global: (S: PrintState, E: PrintEnv, name: string, bits: number): bigint => {
    const value = E.global?.(name);
    if (value === undefined) S.unknown = true;
    return BigInt.asUintN(bits, value ?? 0n);
  },

  /** A number or text that was computed from a variable of the kernel which is not known. */
  orUnknown: (S: PrintState, text: string | number): string => {
    const known = !S.unknown;
    S.unknown = false;
    return known ? String(text) : UNKNOWN;
  },

  /** What stands for a value that cannot be told: its name, and the raw values that it is made of. */
  marker: (S: PrintState, label: string, values: readonly string[]): string => {
    S.marked++;
    return `<${label}(${values.join(",")})>`;
  },
  rawHex: (v: bigint): string => `0x${BigInt.asUintN(64, v).toString(16)}`,
  rawBytes: (u: Uint8Array, at: number, start: number, end: number, length: number): string =>
    runtime.hexBytes(u, at, Math.min(length, Math.max(0, end - at)), start, end, " "),

  /** What stands where a conversion read beyond the record, or divided by zero. */
  failed: (W: TextSink, S: PrintState, from: number, error: unknown): void => {
    if (!(error instanceof runtime.RecordError) && !(error instanceof RangeError)) throw error;
    S.unknown = false;
    S.marked++;
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
  pick: (S: PrintState, label: string, names: Readonly<Record<number, string>>, i: number): string =>
    names[i] ?? library.marker(S, label, [library.rawHex(BigInt(i))]),

  /** %p: default_pointer() and ptr_to_id(). NULL and error values print as they are. */
  pointer: (
    S: PrintState,
    E: PrintEnv,
    hi: number,
    lo: number,
    longSize: 4 | 8,
    width: number,
    left: boolean,
  ): string => {
    const known = !S.unknown;
    S.unknown = false;
    if (known && ((hi | lo) === 0 || isError(hi, lo, longSize)))
      return padPointer(hexAddress(hi, lo, longSize), width, left);
    return padPointer(E.pointer(hi, lo, known), width, left);
  },

  /** The same without a width, written to a sink; the halves may be signed. */
  writePointer: (W: TextSink, S: PrintState, E: PrintEnv, hi: number, lo: number, longSize: 4 | 8): void => {
    if (E.realPointers && longSize === 8 && !S.unknown) {
      W.hex8(hi);
      W.hex8(lo);
    } else W.text(library.pointer(S, E, hi >>> 0, lo >>> 0, longSize, -1, false));
  },

  /** %pS or %ps without a width, written to a sink; the halves may be signed. */
  writeSymbol: (W: TextSink, E: PrintEnv, hi: number, lo: number, style: "S" | "s"): void => {
    if (E.writeSymbol !== undefined) E.writeSymbol(W, hi, lo, style);
    else W.text(E.symbol(hi >>> 0, lo >>> 0, style));
  },

  /** A C string of the record, written to a sink: as cstr(). */
  writeCstr: (W: TextSink, u: Uint8Array, at: number, start: number, end: number): void => {
    let stop = at;
    if (at >= start) while (stop < end && u[stop] !== 0) stop++;
    if (stop < end && at >= start) W.range(u, at, stop);
    else W.text(runtime.cstr(u, at, start, end));
  },

  /** %px. */
  rawPointer: (hi: number, lo: number, longSize: 4 | 8, width: number, left: boolean): string =>
    width < 0 ? hexAddress(hi, lo, longSize) : padPointer(numbers.hex64(hi, lo), width, left),

  /** %pe: the name of an error value; anything else as %p. */
  errorPointer: (
    S: PrintState,
    E: PrintEnv,
    hi: number,
    lo: number,
    longSize: 4 | 8,
    width: number,
    left: boolean,
  ): string => {
    if (!isError(hi, lo, longSize)) return library.pointer(S, E, hi, lo, longSize, width, left);
    const error = 0x1_0000_0000 - lo;
    return padPointer(pointers.errorName(error) ?? String(-error), width, left);
  },

  /** A %p extension on memory that is not in the record: NULL and small values as check_pointer_msg(), else a marker. */
  /** The place of a probe event: seq_print_ip_sym(), with the address where the option sym-addr is set. */
  probePlace: (E: PrintEnv, hi: number, lo: number, style: "s" | "S", longSize: 4 | 8): string => {
    const text = E.symbol(hi, lo, style);
    return E.symAddr ? `${text} <${hexAddress(hi, lo, longSize)}>` : text;
  },

  unreadable: (hi: number, lo: number, longSize: 4 | 8): string => {
    if ((hi | lo) === 0) return "(null)";
    if ((hi === 0 && lo < 4096) || isError(hi, lo, longSize)) return "(efault)";
    return `(0x${numbers.hex64(hi, lo)})`;
  },

  /** %s of an address in the kernel. */
  kernelString: (E: PrintEnv, hi: number, lo: number, longSize: 4 | 8): string => {
    if ((hi | lo) === 0) return "(null)";
    if ((hi === 0 && lo < 4096) || isError(hi, lo, longSize)) return "(efault)";
    return E.string(hi, lo) ?? `(0x${numbers.hex64(hi, lo)})`;
  },
  kernelStringB: (E: PrintEnv, address: bigint, longSize: 4 | 8): string => {
    const u = BigInt.asUintN(64, address);
    return library.kernelString(E, Number(u >> 32n), Number(u & 0xffffffffn), longSize);
  },

  /** %pa: an address in the record. */
  addressAt: (d: DataView, at: number, start: number, end: number, address: AddressShape): string => {
    const { littleEndian, size } = address;
    if (at < start || at + size > end) return runtime.OVERFLOW;
    const value = size === 4 ? d.getUint32(at, littleEndian) : d.getBigUint64(at, littleEndian);
    return `0x${value.toString(16).padStart(2 * size, "0")}`;
  },

  jiffiesToMsecs: (hi: number, lo: number, hz = 250): number => {
    if (hi === 0) return Math.floor((lo * 1000) / hz) >>> 0;
    return Number(BigInt.asUintN(32, (numbers.big(hi, lo) * 1000n) / BigInt(hz)));
  },
  jiffiesToMsecsB: (j: bigint, hz = 250): number => Number(BigInt.asUintN(32, (j * 1000n) / BigInt(hz))),

  /** __get_stacktrace(): the macro passes the array itself to a printer of one symbol a line (trace_output.c). */
  stackTrace: (
    E: PrintEnv,
    d: DataView,
    at: number,
    length: number,
    start: number,
    end: number,
    le: boolean,
    longSize: 4 | 8,
  ): string => {
    if (at < start || at + length > end) return runtime.OVERFLOW;
    let out = "";
    for (let p = at; p + longSize <= at + length; p += longSize) {
      const hi = longSize === 8 ? d.getUint32(le ? p + 4 : p, le) : 0;
      const lo = d.getUint32(longSize === 8 && !le ? p + 4 : p, le);
      out += `\n => ${E.symbol(hi, lo, "S")}`;
    }
    return out;
  },
};

/** The names of the library's functions as generated code calls them: a missing one is an error of the compiler. */
export const fn = Object.fromEntries(Object.keys(library).map((name) => [name, `H.${name}`])) as Readonly<
  Record<keyof typeof library, string>
>;
