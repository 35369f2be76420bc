import type { Abi } from "../../ground/abi.js";
import { type CType, intType, sizeOf, typeOfWords, UINT } from "./ctype.js";
import { FormatError, MAX_FIELD_END, MAX_FIELDS, MAX_FORMAT_TEXT, MAX_NAME, MAX_STRINGS } from "./errors.js";

/** How a field's bytes are to be read. */
export type FieldShape = "int" | "pointer" | "array" | "data_loc" | "rel_loc" | "opaque";

/** Where a field lies, and whether the kernel took it for signed. */
interface FieldPlace {
  readonly offset: number;
  readonly size: number;
  readonly signed: boolean;
}

/** What a field's declaration means. */
interface FieldMeaning {
  readonly shape: FieldShape;
  /** What the field is, or what its elements are (arrays, dynamic arrays). */
  readonly element: CType;
  /** Bytes of one element; 0 when not known. */
  readonly elementSize: number;
  /** Elements of a fixed array, or of an array of strings; 1 for a plain field; 0 for a dynamic one. */
  readonly count: number;
  /** True for text: char arrays, fixed or dynamic. */
  readonly isString: boolean;
}

/** One `field:` line of a format file. */
export interface EventField extends FieldPlace, FieldMeaning {
  readonly name: string;
  /** The C type as the kernel keeps it: an array's brackets belong to it ("char[16]"). */
  readonly type: string;
  /** One of the common_* fields that every event begins with. */
  readonly common: boolean;
}

/** A parsed `format` file. */
export interface EventFormat {
  readonly system: string;
  readonly name: string;
  readonly id: number;
  readonly fields: readonly EventField[];
  /** What stands behind "print fmt: ", one character a byte. */
  readonly printFmt: string;
  /** The event that an eprobe is on, as "system.event": dynamic_events tells. */
  readonly probed?: string | undefined;
  /** Of another probe: whether it is on a program's place, as far as that is known. */
  readonly inProgram?: boolean | undefined;
}

/** The kernel writes tabs; copies that went through other hands have blanks, or nothing in front. */
const FIELD = /^\s*field(?: special)?:(.*);\s*offset:(\d+);\s*size:(\d+);(?:\s*signed:(-?\d+);)?\s*$/;

/**
 * Parses a format file (kernel/trace/trace_events.c f_show()). Throws FormatError when it is none.
 * @param text the file, one character a byte
 * @param system the directory it was in ("sched")
 */
export function parseFormat(text: string, abi: Abi, system = ""): EventFormat {
  if (text.length > MAX_FORMAT_TEXT) throw new FormatError("format file too long");
  let name: string | undefined;
  let id: number | undefined;
  const fields: EventField[] = [];
  let printFmt = "";
  let at = 0;
  while (at < text.length) {
    let end = text.indexOf("\n", at);
    if (end < 0) end = text.length;
    const line = text.slice(at, end).replace(/\r$/, "");
    if (line.startsWith("print fmt: ")) {
      // TP_printk("") leaves a blank: a text with nothing in it.
      printFmt = text.slice(at + "print fmt: ".length).replace(/\s+$/, "") || '""';
      break;
    }
    if (line.startsWith("name: ")) name = line.slice(6).trim();
    else if (line.startsWith("ID: ")) id = Number(line.slice(4).trim());
    else if (/^\s*field/.test(line)) {
      const m = FIELD.exec(line);
      if (m === null) throw new FormatError(`field line not understood: ${JSON.stringify(line.slice(0, 120))}`, at);
      if (fields.length >= MAX_FIELDS) throw new FormatError("too many fields", at);
      const place = { offset: Number(m[2]), size: Number(m[3]), signed: Number(m[4] ?? 0) !== 0 };
      fields.push(parseField(m[1]!, place, abi));
    }
    at = end + 1;
  }
  if (name === undefined || name === "") throw new FormatError("no name: line");
  if (name.length > MAX_NAME) throw tooLong("name", name);
  if (id === undefined || !Number.isInteger(id) || id < 0 || id > 0xffff) throw new FormatError("no ID: line");
  return { system, name, id, fields, printFmt };
}

function tooLong(what: string, name: string): FormatError {
  return new FormatError(
    `a ${what} of ${name.length} bytes, ${name.slice(0, 32)}...: kernels have at most ${MAX_NAME}`,
  );
}

/** One declaration: "const char * name", "char comm[16]", "__data_loc char[] name". */
function parseField(declaration: string, place: FieldPlace, abi: Abi): EventField {
  const { offset, size, signed } = place;
  if (offset + size > MAX_FIELD_END) throw new FormatError("field beyond any record");
  const m = /^(.*?)([A-Za-z_$][\w$]*)((?:\[[^\]]*\])*)\s*$/s.exec(declaration);
  if (m === null) throw new FormatError(`declaration not understood: ${JSON.stringify(declaration.slice(0, 120))}`);
  const before = m[1]!.trim();
  const name = m[2]!;
  const brackets = m[3]!;
  if (name.length > MAX_NAME) throw tooLong("name of a field", name);
  const type = before + brackets;
  const common = name.startsWith("common_");
  const make = (meaning: FieldMeaning): EventField => ({ name, type, ...place, ...meaning, common });

  const loc = /^__(data|rel)_loc\s+(.*?)\s*(?:\[.*\])?$/s.exec(before);
  if (loc !== null) {
    const element = wordType(loc[2]!, abi);
    const isChar = /\bchar\b/.test(loc[2]!) && !/\*/.test(loc[2]!) && !/unsigned/.test(loc[2]!);
    const shape = loc[1] === "data" ? "data_loc" : "rel_loc";
    const count = isChar ? stringsOf(before, size) : 0;
    return make({ shape, element, elementSize: sizeOf(element, abi) ?? 0, count, isString: isChar });
  }
  // A flexible array, before 5.13 without its brackets: ftrace's own kernel_stack and raw_data.
  if (brackets !== "" || /\]$/.test(before) || size === 0) {
    const declared = /^\[(\d+)\]/.exec(brackets);
    let element = wordType(before.replace(/\[[^\]]*\]$/, ""), abi);
    let each = sizeOf(element, abi);
    const dimensions = brackets.match(/\[[^\]]*\]/g)?.length ?? 1;
    if (declared !== null && dimensions === 1 && Number(declared[1]) > 0 && size % Number(declared[1]) === 0) {
      const measured = size / Number(declared[1]);
      if (each === undefined || each !== measured) {
        each = measured;
        if (element.kind !== "struct" && (each === 1 || each === 2 || each === 4 || each === 8))
          element = intType(each, element.kind === "int" ? element.signed : signed);
      }
    }
    const isString = /\bchar\b/.test(before) && !/\*/.test(before) && !/unsigned/.test(before) && each === 1;
    const count = each ? Math.floor(size / each) : 0;
    return make({ shape: "array", element, elementSize: each ?? 0, count, isString });
  }
  const one = { elementSize: size, count: 1, isString: false };
  // One of a size that no machine's pointers have is bytes: nothing could load it.
  if (/\*\s*(?:const)?$/.test(before) && (size === 4 || size === 8)) {
    const to = wordType(before.replace(/\*\s*(?:const)?$/, ""), abi);
    return make({ shape: "pointer", element: { kind: "ptr", to }, ...one });
  }
  if (size === 1 || size === 2 || size === 4 || size === 8) {
    const words = typeOfWords(before.split(/\s+/), abi, new Map());
    const bool = words?.kind === "int" && words.bool === true && size === 1;
    const element: CType = bool ? { kind: "int", size: 1, signed: false, bool: true } : intType(size, signed);
    return make({ shape: "int", element, ...one });
  }
  const struct = before.replace(/^(?:const |struct |union )+/, "");
  return make({ shape: "opaque", element: { kind: "struct", name: struct, size }, ...one });
}

/** Strings of a probe's argument `string[3]`, "__data_loc char[][3]": a word for each (parse_probe_arg(), trace_probe.c). 0 of another. */
function stringsOf(type: string, size: number): number {
  const count = Number(/\]\[(\d+)\]$/.exec(type)?.[1] ?? 0);
  if (count === 0 || size !== count * 4) return 0;
  if (count > MAX_STRINGS) throw new FormatError(`${count} strings: an argument has at most ${MAX_STRINGS}`);
  return count;
}

/** Whether a field holds several strings, each with a word of its own. */
export function isStrings({ shape, isString, count }: FieldMeaning): boolean {
  return isString && count > 0 && shape !== "array";
}

/** A declaration's type; stars make it a pointer; unknown words an unsigned int, corrected later by the measured size. */
function wordType(text: string, abi: Abi): CType {
  const stars = text.match(/\*/g)?.length ?? 0;
  const words = text.replace(/\*/g, " ").trim().split(/\s+/);
  let type: CType = typeOfWords(words, abi, new Map()) ?? UINT;
  for (let i = 0; i < stars; i++) type = { kind: "ptr", to: type };
  return type;
}

/** Typedef names that the plain fields declare, with the size and sign the kernel measured. */
export function typesOfFields(fields: readonly EventField[]): Map<string, CType> {
  const names = new Map<string, CType>();
  for (const f of fields) {
    const word = f.type.replace(/\bconst\b/g, "").trim();
    if (f.shape === "int" && /^[A-Za-z_]\w*$/.test(word)) names.set(word, f.element);
  }
  return names;
}
