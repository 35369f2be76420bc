import { dynamicBase, dynamicLength, dynamicStart, signedLength } from "../system/formats/dynamic-word.js";
import { MAX_ELEMENTS } from "../system/formats/errors.js";
import { type EventField, type EventFormat, isStrings } from "../system/formats/parse-format.js";
import type { PrintBehaviour } from "./by-version.js";
import { hexAddress } from "./env.js";
import { dec64s, hex64 } from "./number.js";
import type { PrintedRecord } from "./record.js";
import { cstrN, hexText, OVERFLOW, printArray, textsInBraces } from "./runtime.js";
import { type SeqWrite, seqWrites } from "./seq-writes.js";
import { isStack, isSynthetic } from "./synthetic.js";

type Dynamic = "data_loc" | "rel_loc";

const NONE = "No fields found";

/** Prints a record's fields: " a=1 (1) b=..". */
export interface FieldPrinter {
  (record: PrintedRecord): string;
  /** The same in the pieces that the kernel writes. */
  pieces(record: PrintedRecord): SeqWrite[];
}

type ValuePrinter = (record: PrintedRecord) => string;

/** What kernel/trace/trace_events_filter.c filter_assign_type() makes of a field's type. */
export type FilterType = "dyn_string" | "rdyn_string" | "cpumask" | "static_string" | "ptr_string" | "other";

/** filter_assign_type(), the same from 6.12 to 7.3. */
export function filterType(type: string): FilterType {
  if (type.includes("__data_loc")) {
    if (type.includes("char")) return "dyn_string";
    if (type.includes("cpumask_t")) return "cpumask";
  }
  if (type.includes("__rel_loc") && type.includes("char")) return "rdyn_string";
  if (type.includes("[") && type.includes("char")) return "static_string";
  if (type === "char *" || type === "const char *") return "ptr_string";
  return "other";
}

/**
 * print_fields() of kernel/trace/trace_output.c, as the kernel of that version prints.
 * @param whole shows arrays and masks by their data, where the kernel says <INVALID-SIZE> and <INVALID-TYPE>
 */
export function fieldPrinter(format: EventFormat, kernel: PrintBehaviour, whole: boolean): FieldPrinter {
  const synthetic = isSynthetic(format);
  const printers = format.fields
    .filter((f) => !f.common)
    .map((f) => {
      const print = synthetic && isStack(f) ? stackOf(f, whole) : whole ? dataOf(f) : undefined;
      return { f, end: f.offset + sizeOf(f), print: print ?? printerOf(f, kernel) };
    });
  if (printers.length === 0) return Object.assign(() => NONE, { pieces: (): SeqWrite[] => [[NONE, 0]] });
  const write = (r: PrintedRecord): string => {
    let out = "";
    for (const { f, end, print } of printers) {
      out += ` ${f.name}=`;
      out += r.start + end > r.end ? OVERFLOW : print(r);
    }
    return out;
  };
  const pieces = (r: PrintedRecord): SeqWrite[] =>
    printers.flatMap(({ f, end, print }) => {
      const name: SeqWrite = [` ${f.name}=`, 1];
      if (r.start + end > r.end) return [name, [OVERFLOW, 0] as const];
      const isString = /^r?dyn_string$/.test(filterType(f.type));
      return [name, ...seqWrites(f, print(r), isString ? signedLength(r.u32(r.start + f.offset)) : undefined)];
    });
  return Object.assign(write, { pieces });
}

/** Bytes that are read of a field: a damaged format file may state fewer than the word of a dynamic array has. */
function sizeOf({ type, size }: EventField): number {
  return /__(data|rel)_loc/.test(type) ? Math.max(size, 4) : size;
}

/** isprint() of the kernel's lib/ctype.c: Latin-1, not ASCII alone. */
function isPrint(c: number): boolean {
  return (c >= 0x20 && c < 0x7f) || c >= 0xa0;
}

function printerOf(f: EventField, kernel: PrintBehaviour): ValuePrinter {
  const kind = filterType(f.type);
  switch (kind) {
    case "static_string":
      return (r) => cstrN(r, r.start + f.offset, f.size);
    case "dyn_string":
    case "rdyn_string":
      return dynamicString(f, kind === "rdyn_string" ? "rel_loc" : "data_loc", kernel);
    case "ptr_string":
      return (r) => {
        const at = r.start + f.offset;
        if (at + r.longSize > r.end) return OVERFLOW;
        const [hi, lo] = [r.longHi(at), r.longLo(at)];
        const text = r.env.string(hi, lo);
        const address = `0x${hexAddress(hi, lo, r.longSize)}`;
        return text === undefined ? `(${address})` : `(${address}:${text})`;
      };
    case "cpumask":
      return () => "<INVALID-TYPE>";
    case "other":
      return plain(f, kernel);
  }
}

function dynamicString(f: EventField, shape: Dynamic, kernel: PrintBehaviour): ValuePrinter {
  const base = dynamicBase(shape, f.offset);
  return (r) => {
    const word = r.u32(r.start + f.offset);
    const start = r.start + base + dynamicStart(word);
    // A negative length passes the kernel's check.
    const size = signedLength(word);
    if (start + size > r.end) return OVERFLOW;
    const { u } = r;
    if (kernel.escapesStrings) {
      let odd = false;
      for (let i = 0; i < size && !odd; i++) {
        const c = u[start + i]!;
        odd = c !== 0 && !(c < 0x80 && isPrint(c));
      }
      if (odd) {
        let text = "";
        const hex: string[] = [];
        for (let i = 0; i < size; i++) {
          const c = u[start + i]!;
          text += c < 0x80 && isPrint(c) ? String.fromCharCode(c) : ".";
          hex.push(c.toString(16).padStart(2, "0"));
        }
        return `${text} (${hex.join(":")})`;
      }
    }
    return cstrN(r, start, size < 0 && !kernel.clampsPrecision ? Number.POSITIVE_INFINITY : size);
  };
}

/** print_array(): bytes in hex with commas. */
function dynamicArray(f: EventField, shape: Dynamic): ValuePrinter {
  const base = dynamicBase(shape, f.offset);
  return (r) => {
    const word = r.u32(r.start + f.offset);
    const start = r.start + base + dynamicStart(word);
    const size = Math.min(signedLength(word), MAX_ELEMENTS);
    return start + size > r.end ? OVERFLOW : hexText(r.u, start, start + size, ",");
  };
}

/** All of a probe's strings, where the kernel shows the first. */
function strings(f: EventField): ValuePrinter {
  const words = Array.from({ length: f.count }, (_, i) => f.offset + 4 * i);
  return (r) =>
    textsInBraces(
      words.map((offset) => {
        const word = r.u32(r.start + offset);
        return cstrN(r, r.start + dynamicBase(f.shape, offset) + dynamicStart(word), dynamicLength(word));
      }),
    );
}

/** The stack of a synthetic event (FILTER_STACKTRACE), which the kernel does not show. */
function stackOf(f: EventField, whole: boolean): ValuePrinter {
  return whole ? dynamicArray(f, "data_loc") : () => "<INVALID-TYPE>";
}

/** Printers of what the kernel does not show: fixed arrays, structs, and masks. */
function dataOf(f: EventField): ValuePrinter | undefined {
  const kind = filterType(f.type);
  if (kind === "cpumask") return dynamicArray(f, "data_loc");
  if (isStrings(f)) return strings(f);
  const shown = f.size === 1 || f.size === 2 || f.size === 4 || f.size === 8;
  if (kind !== "other" || (shown && f.shape !== "array")) return undefined;
  const each = f.elementSize === 2 || f.elementSize === 4 || f.elementSize === 8 ? f.elementSize : 1;
  return (r) => printArray(r, r.start + f.offset, Math.floor(f.size / each), each);
}

function plain(f: EventField, kernel: PrintBehaviour): ValuePrinter {
  const symbols = kernel.fieldSymbols;
  switch (f.size) {
    case 1:
      return ({ u, start }) => {
        const c = u[start + f.offset]!;
        return isPrint(c) ? `'${String.fromCharCode(c)}'(${c})` : `(${c})`;
      };
    case 2:
      return (r) => {
        const v = r.d.getUint16(r.start + f.offset, r.littleEndian);
        return `0x${v.toString(16)} (${v})`;
      };
    case 4: {
      if (f.type.includes("__data_loc")) return dynamicArray(f, "data_loc");
      if (f.type.includes("__rel_loc")) return dynamicArray(f, "rel_loc");
      const fromText = symbols && (f.name === "caller_offs" || f.name === "parent_offs");
      return (r) => {
        const v = r.u32(r.start + f.offset);
        const { env } = r;
        let out = "";
        if (fromText) {
          const ip = BigInt.asUintN(64, (env.global?.("_stext") ?? 0n) + BigInt(v));
          out = `${env.symbol(Number(ip >> 32n), Number(ip & 0xffffffffn), "S")} `;
        }
        if (symbols && r.longSize === 4) {
          const [, lo] = env.adjust?.(0, v) ?? [0, v];
          return `${out}${env.symbol(0, lo, "S")} (${lo | 0})`;
        }
        return `${out}0x${v.toString(16)} (${v | 0})`;
      };
    }
    case 8:
      return (r) => {
        const at = r.start + f.offset;
        const [hi, lo] = [r.hi(at), r.lo(at)];
        if (!symbols || r.longSize === 4) return `0x${hex64(hi, lo)} (${dec64s(hi, lo)})`;
        const [h, l] = r.env.adjust?.(hi, lo) ?? [hi, lo];
        return `${r.env.symbol(h, l, "S")} (${dec64s(h, l)})`;
      };
  }
  return () => "<INVALID-SIZE>";
}
