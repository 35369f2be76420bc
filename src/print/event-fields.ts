import type { Abi } from "../ground/abi.js";
import type { Bytes } from "../ground/bytes.js";
import { bytesText } from "../ground/latin1.js";
import { MAX_ELEMENTS } from "../system/formats/errors.js";
import type { EventField, EventFormat } from "../system/formats/parse-format.js";
import type { PrintBehaviour } from "./by-version.js";
import { hexAddress, type PrintEnv } from "./env.js";
import { dec64s, hex64 } from "./number.js";
import { cstrN, OVERFLOW, printArray } from "./runtime.js";

/** Prints a record's fields: " a=1 (1) b=..". */
export type FieldPrinter = (bytes: Bytes, at: number, length: number, env: PrintEnv) => string;

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
export function fieldPrinter(format: EventFormat, abi: Abi, kernel: PrintBehaviour, whole: boolean): FieldPrinter {
  const printers = format.fields
    .filter((f) => !f.common)
    .map((f) => ({ f, print: (whole ? dataOf(f, abi) : undefined) ?? printerOf(f, abi, kernel) }));
  if (printers.length === 0) return () => "No fields found";
  return (bytes, at, length, env) => {
    let out = "";
    for (const { f, print } of printers) {
      out += ` ${f.name}=`;
      out += f.offset + f.size > length ? OVERFLOW : print(bytes, at, length, env);
    }
    return out;
  };
}

/** isprint() of the kernel's lib/ctype.c: Latin-1, not ASCII alone. */
function isPrint(c: number): boolean {
  return (c >= 0x20 && c < 0x7f) || c >= 0xa0;
}

function printerOf(f: EventField, abi: Abi, kernel: PrintBehaviour): FieldPrinter {
  const kind = filterType(f.type);
  switch (kind) {
    case "static_string":
      return (b, at, length) => cstrN(b.u8, at + f.offset, at, at + length, f.size);
    case "dyn_string":
    case "rdyn_string":
      return dynamicString(f, kind === "rdyn_string", kernel);
    case "ptr_string":
      return (b, at, _length, env) => {
        const [hi, lo] = long(b, at + f.offset, abi);
        const text = env.string(hi, lo);
        const address = `0x${hexAddress(hi, lo, abi.longSize)}`;
        return text === undefined ? `(${address})` : `(${address}:${text})`;
      };
    case "cpumask":
      return () => "<INVALID-TYPE>";
    case "other":
      return plain(f, abi, kernel);
  }
}

function long(b: Bytes, at: number, abi: Abi): [number, number] {
  if (abi.longSize === 4) return [0, b.u32(at)];
  return abi.littleEndian ? [b.u32(at + 4), b.u32(at)] : [b.u32(at), b.u32(at + 4)];
}

function dynamicString(f: EventField, relative: boolean, kernel: PrintBehaviour): FieldPrinter {
  return (b, at, length) => {
    const word = b.u32(at + f.offset);
    const offset = (word & 0xffff) + (relative ? f.offset + 4 : 0);
    // A negative length (the top bit of the word) passes the kernel's check.
    const size = (word | 0) >> 16;
    if (offset + size > length) return OVERFLOW;
    const u = b.u8;
    const start = at + offset;
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
    return cstrN(u, start, at, at + length, size < 0 && !kernel.clampsPrecision ? Number.POSITIVE_INFINITY : size);
  };
}

/** print_array(): bytes in hex with commas. */
function dynamicArray(f: EventField, relative: boolean): FieldPrinter {
  return (b, at, length) => {
    const word = b.u32(at + f.offset);
    const offset = (word & 0xffff) + (relative ? f.offset + 4 : 0);
    const size = Math.min((word | 0) >> 16, MAX_ELEMENTS);
    if (offset + size > length) return OVERFLOW;
    let out = "";
    for (let i = 0; i < size; i++) out += (i ? "," : "") + b.u8[at + offset + i]!.toString(16).padStart(2, "0");
    return out;
  };
}

/** Printers of what the kernel does not show: fixed arrays, structs, and masks. */
function dataOf(f: EventField, abi: Abi): FieldPrinter | undefined {
  const kind = filterType(f.type);
  if (kind === "cpumask") return dynamicArray(f, false);
  const shown = f.size === 1 || f.size === 2 || f.size === 4 || f.size === 8;
  if (kind !== "other" || (shown && f.shape !== "array")) return undefined;
  const each = f.elementSize === 2 || f.elementSize === 4 || f.elementSize === 8 ? f.elementSize : 1;
  return (b, at, length) =>
    printArray(b.view, abi.littleEndian, at + f.offset, Math.floor(f.size / each), each, at, at + length);
}

function plain(f: EventField, abi: Abi, kernel: PrintBehaviour): FieldPrinter {
  const symbols = kernel.fieldSymbols;
  switch (f.size) {
    case 1:
      return (b, at) => {
        const c = b.u8[at + f.offset]!;
        return isPrint(c) ? `'${bytesText(b.u8, at + f.offset, at + f.offset + 1)}'(${c})` : `(${c})`;
      };
    case 2:
      return (b, at) => {
        const v = b.u16(at + f.offset);
        return `0x${v.toString(16)} (${v})`;
      };
    case 4: {
      if (f.type.includes("__data_loc")) return dynamicArray(f, false);
      if (f.type.includes("__rel_loc")) return dynamicArray(f, true);
      const fromText = symbols && (f.name === "caller_offs" || f.name === "parent_offs");
      return (b, at, _length, env) => {
        const v = b.u32(at + f.offset);
        let out = "";
        if (fromText) {
          const ip = BigInt.asUintN(64, (env.global?.("_stext") ?? 0n) + BigInt(v));
          out = `${env.symbol(Number(ip >> 32n), Number(ip & 0xffffffffn), "S")} `;
        }
        if (symbols && abi.longSize === 4) {
          const [, lo] = env.adjust?.(0, v) ?? [0, v];
          return `${out}${env.symbol(0, lo, "S")} (${lo | 0})`;
        }
        return `${out}0x${v.toString(16)} (${v | 0})`;
      };
    }
    case 8:
      return (b, at, _length, env) => {
        const p = at + f.offset;
        const hi = b.u32(abi.littleEndian ? p + 4 : p);
        const lo = b.u32(abi.littleEndian ? p : p + 4);
        if (!symbols || abi.longSize === 4) return `0x${hex64(hi, lo)} (${dec64s(hi, lo)})`;
        const [h, l] = env.adjust?.(hi, lo) ?? [hi, lo];
        return `${env.symbol(h, l, "S")} (${dec64s(h, l)})`;
      };
  }
  return () => "<INVALID-SIZE>";
}
