import { dynamicLength, dynamicStart } from "../system/formats/dynamic-word.js";
import type { EventField, EventFormat } from "../system/formats/parse-format.js";
import type { WriterTypes } from "./expression.js";
import { gfpFlags } from "./gfp-flags.js";
import { library } from "./library.js";
import { dec64s, dec64u, hex64 } from "./number.js";
import type { PrintedRecord } from "./record.js";
import { cstr, type NameTable, OVERFLOW, printFlags } from "./runtime.js";

/** synth_field_fmt(): of other types, %llu. */
const CONVERSIONS: ReadonlyMap<string, string> = new Map([
  ["s64", "%lld"],
  ["s32", "%d"],
  ["u32", "%u"],
  ["s16", "%d"],
  ["u16", "%u"],
  ["s8", "%d"],
  ["u8", "%u"],
  ["char", "%d"],
  ["unsigned char", "%u"],
  ["int", "%d"],
  ["unsigned int", "%u"],
  ["long", "%ld"],
  ["unsigned long", "%lu"],
  ["bool", "%d"],
  ["pid_t", "%d"],
  ["gfp_t", "%x"],
]);

type Text = (record: PrintedRecord) => string;

/** Whether an event is one that histograms make, which no print format prints. */
export function isSynthetic({ system }: EventFormat): boolean {
  return system === "synthetic";
}

/** A field whose data is a stack (FILTER_STACKTRACE). */
export function isStack({ shape, isString }: EventField): boolean {
  return shape === "data_loc" && !isString;
}

/**
 * print_synth_event() (kernel/trace/trace_events_synth.c, 6.12 to 7.3). The names of a gfp_t's flags are those that another
 * format lists; they are left out where none does.
 */
export function syntheticPrinter(
  format: EventFormat,
  kernel: WriterTypes,
): { run: Text; minimum: number; canKill: boolean } {
  const own = format.fields.filter(({ common }) => !common);
  const flags = own.some(isGfp) ? gfpFlags(kernel) : undefined;
  const fields = own.map((field, i) => {
    const last = i === own.length - 1;
    const [conversion, text] = printed(field);
    const space = last || isStack(field) ? "" : " ";
    return {
      typed: `${conversion} ${field.name}=`,
      plain: `${field.name}=`,
      text,
      end: flags && isGfp(field) ? flagsAt(field.offset, flags, space) : () => space,
    };
  });
  const ends = own.map(({ shape, isString, offset, size }) =>
    shape === "data_loc" ? offset + 4 : isString ? offset : offset + size,
  );
  return {
    minimum: Math.max(0, ...ends),
    canKill: flags?.nameless !== undefined,
    run: (r) => {
      let out = "";
      for (const { typed, plain, text, end } of fields) out += (r.env.verbose ? typed : plain) + text(r) + end(r);
      return out;
    },
  };
}

function printed(field: EventField): [conversion: string, text: Text] {
  const { offset, shape, isString, type } = field;
  if (shape === "data_loc")
    return ["%s", isString ? (r) => cstr(r, r.start + dynamicStart(r.u32(r.start + offset))) : stackAt(offset)];
  if (isString) return ["%s", (r) => cstr(r, r.start + offset)];
  const conversion = CONVERSIONS.get(type) ?? "%llu";
  return [conversion, numberAt(field, conversion)];
}

/** print_synth_event_num_val(): what is shorter than an int becomes one without its sign. */
function numberAt({ offset, size }: EventField, conversion: string): Text {
  const signed = conversion.endsWith("d");
  const hex = conversion.endsWith("x");
  return (r) => {
    const at = r.start + offset;
    if (size === 8) {
      const [hi, lo] = [r.hi(at), r.lo(at)];
      return hex ? hex64(hi, lo) : signed ? dec64s(hi, lo) : dec64u(hi, lo);
    }
    if (size === 1) return r.u[at]!.toString(hex ? 16 : 10);
    if (size === 2) return r.d.getUint16(at, r.littleEndian).toString(hex ? 16 : 10);
    const value = r.u32(at);
    return (signed ? value | 0 : value).toString(hex ? 16 : 10);
  };
}

function isGfp({ type }: EventField): boolean {
  return type === "gfp_t";
}

/** All 64 bits of the field's place are looked at, and the names end in the NUL of trace_print_flags_seq(). */
function flagsAt(offset: number, table: NameTable, space: string): Text {
  return (r) => {
    const at = r.start + offset;
    if (!r.has(at, 8)) return space + OVERFLOW;
    const hi = r.longSize === 8 ? r.hi(at) : 0;
    const lo = r.lo(at);
    return `${space} (${library.namelessFlag(r, table, hi, lo)}${printFlags(table, "|", hi, lo)}\0)`;
  };
}

/** A stack: how many entries it has, then these. */
function stackAt(offset: number): Text {
  return (r) => {
    const word = r.u32(r.start + offset);
    const start = r.start + dynamicStart(word);
    const end = start + dynamicLength(word);
    let out = "STACK:\n";
    for (let p = start + r.longSize; p + r.longSize <= end; p += r.longSize) {
      if (!r.has(p, r.longSize)) return out + OVERFLOW;
      out += `=> ${r.env.symbol(r.longHi(p), r.longLo(p), "S")}\n`;
    }
    return out;
  };
}
