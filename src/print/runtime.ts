import { bytesText } from "../ground/latin1.js";
import { MAX_ELEMENTS } from "../system/formats/errors.js";
import { hex64 } from "./number.js";
import type { PrintedRecord } from "./record.js";

/** Stands in the text where the record says that data lies beyond its own end; the kernel's word for it (print_fields()). */
export const OVERFLOW = "<OVERFLOW>";

/** Thrown by generated code; never leaves CompiledEvent.print(). */
export class RecordError extends Error {
  override readonly name = "RecordError";
}

/** What a text has in it where something lies beyond the record. */
export const BEYOND_MARKS = [OVERFLOW, "<data beyond the record>"] as const;

export const beyond = new RecordError("data beyond the record");
const zeroDivide = new RecordError("division by zero");

/** A C string at `at`, inside the record. */
export function cstr(r: PrintedRecord, at: number): string {
  const { u, end } = r;
  if (at < r.start || at >= end) return OVERFLOW;
  let i = at;
  while (i < end && u[i] !== 0) i++;
  return i < end ? bytesText(u, at, i) : bytesText(u, at, end) + OVERFLOW;
}

/** At most `max` characters of a C string ("%.*s"). */
export function cstrN(r: PrintedRecord, at: number, max: number): string {
  const { u, end } = r;
  const want = Math.max(max, 0);
  if (want === 0) return "";
  if (at < r.start || at >= end) return OVERFLOW;
  const stop = Math.min(end, at + want);
  let i = at;
  while (i < stop && u[i] !== 0) i++;
  return bytesText(u, at, i) + (i === end && at + want > end ? OVERFLOW : "");
}

/** At most `max` characters of a text; the mark that it ends beyond the record stays whole. */
export function cut(text: string, max: number): string {
  const body = text.endsWith(OVERFLOW) ? text.length - OVERFLOW.length : text.length;
  return body === text.length || body >= max ? text.slice(0, max) : text;
}

/** Throws unless `size` bytes at `at` are inside the record. */
export function check(r: PrintedRecord, at: number, size: number): number {
  if (!r.has(at, size)) throw beyond;
  return at;
}

export function divS(a: number, b: number): number {
  if (b === 0) throw zeroDivide;
  return (a / b) | 0;
}

export function divU(a: number, b: number): number {
  if (b === 0) throw zeroDivide;
  return Math.floor(a / b) >>> 0;
}

export function rem(a: number, b: number): number {
  if (b === 0) throw zeroDivide;
  return a % b;
}

export function divB(a: bigint, b: bigint): bigint {
  if (b === 0n) throw zeroDivide;
  return a / b;
}

export function remB(a: bigint, b: bigint): bigint {
  if (b === 0n) throw zeroDivide;
  return a % b;
}

/** Values and names of __print_flags() and __print_symbolic(), and what was printed lately. */
export interface NameTable {
  readonly hi: readonly number[];
  readonly lo: readonly number[];
  readonly names: readonly string[];
  /** The halves of an element that has NULL for a name: the table ends there. */
  readonly nameless?: readonly [number, number] | undefined;
  readonly seen: Map<number, string>;
}

const MAX_SEEN = 4096;

/** trace_print_flags_seq(), kernel/trace/trace_output.c. */
export function printFlags(table: NameTable, delim: string, hi: number, lo: number): string {
  if (hi === 0) {
    const seen = table.seen.get(lo);
    if (seen !== undefined) return seen;
  }
  let out = "";
  let first = true;
  const [fh, fl] = takeFlags(table, hi, lo, (name) => {
    if (!first) out += delim;
    first = false;
    out += name;
  });
  if ((fh | fl) !== 0) out += `${first ? "" : delim}0x${hex64(fh, fl)}`;
  if (hi === 0 && table.seen.size < MAX_SEEN) table.seen.set(lo, out);
  return out;
}

/** Takes the flags that have names one by one. @returns the halves of those that no name stands for */
export function takeFlags(
  table: NameTable,
  hi: number,
  lo: number,
  take?: (name: string) => void,
): readonly [number, number] {
  let fh = hi;
  let fl = lo;
  for (let i = 0; i < table.names.length && (fh | fl) !== 0; i++) {
    const mh = table.hi[i]!;
    const ml = table.lo[i]!;
    if ((fh & mh) >>> 0 !== mh || (fl & ml) >>> 0 !== ml) continue;
    fh = (fh & ~mh) >>> 0;
    fl = (fl & ~ml) >>> 0;
    take?.(table.names[i]!);
  }
  return [fh, fl];
}

export function hasName(table: NameTable, hi: number, lo: number): boolean {
  return table.names.some((_, i) => table.lo[i] === lo && table.hi[i] === hi);
}

/** trace_print_symbols_seq(), kernel/trace/trace_output.c. */
export function printSymbolic(table: NameTable, hi: number, lo: number): string {
  for (let i = 0; i < table.names.length; i++)
    if (table.lo[i] === lo && table.hi[i] === hi) return table.names[i] || `0x${hex64(hi, lo)}`;
  return `0x${hex64(hi, lo)}`;
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"));

/** Bytes `from` to `to` in hex with a separator (hex_string() in lib/vsprintf.c). */
export function hexText(u: Uint8Array, from: number, to: number, separator: string): string {
  let out = "";
  for (let i = from; i < to; i++) out += (i > from ? separator : "") + HEX[u[i]!]!;
  return out;
}

/** Bytes of the record in hex; what lies beyond it is marked. */
export function hexBytes(r: PrintedRecord, at: number, count: number, separator: string): string {
  if (count <= 0) return "";
  if (at < r.start || at >= r.end) return OVERFLOW;
  const stop = Math.min(r.end, at + Math.min(count, MAX_ELEMENTS));
  const out = hexText(r.u, at, stop, separator);
  return at + count > stop ? out + separator + OVERFLOW : out;
}

/** An array of strings as the kernel prints it: `{"a","b"}` (set_print_fmt(), kernel/trace/trace_probe.c). */
export function textsInBraces(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text}"`).join(",")}}`;
}

/** trace_print_array_seq(): {0x1,0x2}. */
export function printArray(r: PrintedRecord, at: number, count: number, size: number): string {
  const { d, littleEndian } = r;
  let out = "{";
  let each = size === 1 || size === 2 || size === 4 || size === 8 ? size : 1;
  // The kernel computes the length as count * el_size in size_t; a negative count is nothing sane.
  const stop = at + Math.min(Math.max(0, count), MAX_ELEMENTS) * each;
  let first = true;
  for (let p = at; p < stop; p += each) {
    if (!first) out += ",";
    first = false;
    if (!r.has(p, each)) return `${out}${OVERFLOW}}`;
    switch (size) {
      case 1:
        out += `0x${d.getUint8(p).toString(16)}`;
        break;
      case 2:
        out += `0x${d.getUint16(p, littleEndian).toString(16)}`;
        break;
      case 4:
        out += `0x${d.getUint32(p, littleEndian).toString(16)}`;
        break;
      case 8:
        out += `0x${hex64(r.hi(p), r.lo(p))}`;
        break;
      default:
        each = 1;
        out += `BAD SIZE:${size} 0x${d.getUint8(p).toString(16)}`;
    }
  }
  return `${out}}`;
}

/** Bits of a bitmap of the writer's longs, lowest first. */
function bitReader({ u, littleEndian, longSize }: PrintedRecord, at: number): (i: number) => number {
  return (i) => {
    const word = Math.floor(i / (longSize * 8)) * longSize;
    const byte = (i % (longSize * 8)) >> 3;
    return (u[at + word + (littleEndian ? byte : longSize - 1 - byte)]! >> (i & 7)) & 1;
  };
}

/** bitmap_string() and bitmap_list_string() in lib/vsprintf.c. */
export function bitmap(r: PrintedRecord, at: number, bits: number, list: boolean): string {
  if (bits <= 0) return "";
  const bytes = Math.ceil(bits / (r.longSize * 8)) * r.longSize;
  if (!r.has(at, bytes) || bits > MAX_ELEMENTS * 8) return OVERFLOW;
  const bit = bitReader(r, at);
  if (list) {
    const out: string[] = [];
    for (let i = 0; i < bits; i++) {
      if (!bit(i)) continue;
      const from = i;
      while (i + 1 < bits && bit(i + 1)) i++;
      out.push(from === i ? String(from) : `${from}-${i}`);
    }
    return out.join(",");
  }
  let out = "";
  let chunk = bits % 32 || 32;
  for (let base = Math.ceil(bits / 32) * 32 - 32; base >= 0; base -= 32) {
    let value = 0;
    for (let i = chunk - 1; i >= 0; i--) value = value * 2 + bit(base + i);
    if (out !== "") out += ",";
    out += value.toString(16).padStart(Math.ceil(chunk / 4), "0");
    chunk = 32;
  }
  return out;
}
