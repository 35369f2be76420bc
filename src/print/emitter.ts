import type { Abi } from "../ground/abi.js";
import type { Release } from "../ground/release.js";
import { type CType, intType, VOID } from "../system/formats/ctype.js";
import { dynamicBase, LENGTH_SHIFT, START_MASK } from "../system/formats/dynamic-word.js";
import { FormatError } from "../system/formats/errors.js";
import type { EventField, EventFormat } from "../system/formats/parse-format.js";
import type { Expr } from "./ast.js";
import type { PrintBehaviour } from "./by-version.js";
import { fn } from "./library.js";
import { Represent } from "./represent.js";
import type { NameTable } from "./runtime.js";
import { constOf, halves, type Val } from "./value.js";

/** A part of an event's text that cannot be told. */
export interface Marker {
  /** "xhci_decode_trb()", or the expression. */
  readonly conversion: string;
  readonly reason: string;
}

function isDynamic(f: EventField): boolean {
  return f.shape === "data_loc" || f.shape === "rel_loc";
}

/** What the compilers of calls and conversions ask of the event that they compile for. */
export abstract class Emitter extends Represent {
  /** Bytes that a record must have for the unchecked reads. */
  minimum = 0;
  /** How many uses of kernel variables have been compiled so far. */
  globals = 0;
  /** Whether a kernel may not survive printing some record. */
  canKill = false;
  private readonly fields = new Map<string, EventField>();
  private readonly arrays = new Map<string, EventField>();
  private readonly noted = new Map<string, string>();

  constructor(
    readonly format: EventFormat,
    abi: Abi,
    made: { readonly machine?: string | undefined },
  ) {
    super(abi, made);
    // A dynamic array's word is a member of its own (__data_loc_NAME): a plain field may have the same name.
    for (const f of format.fields) (isDynamic(f) ? this.arrays : this.fields).set(f.name, f);
  }

  /** The kernel whose text is made, and what it does in its own way. */
  abstract readonly release: Release;
  abstract readonly behaviour: PrintBehaviour;

  abstract expr(e: Expr): Val;

  /** Notes that a part of the text cannot be told. */
  noteMarker(what: string, reason: string): void {
    if (!this.noted.has(what)) this.noted.set(what, reason);
  }

  /** What cannot be told, and why. */
  get markers(): readonly Marker[] {
    return [...this.noted].map(([conversion, reason]) => ({ conversion, reason }));
  }

  field(name: string, at: number): EventField {
    const f = this.optionalField(name);
    if (f === undefined) throw new FormatError(`no field ${name}`, at);
    return f;
  }

  optionalField(name: string): EventField | undefined {
    return this.fields.get(name) ?? this.arrays.get(name.replace(/^__(?:data|rel)_loc_/, ""));
  }

  /** The dynamic array behind a name, as __get_dynamic_array(name) and __get_rel_dynamic_array(name) find it. */
  dynamic(name: string, at: number, element = 0): { field: EventField; position: string; length: string } {
    const f = this.arrays.get(name);
    if (f === undefined) throw new FormatError(`no dynamic array ${name}`, at);
    const place = f.offset + 4 * element;
    if (element > 0 && place + 4 > f.offset + f.size) throw new FormatError(`no element ${element} of ${name}`, at);
    this.reach(place + 4);
    const word = `d.getUint32(o+${place},${this.abi.littleEndian})`;
    const base = dynamicBase(f.shape, place);
    return { field: f, position: `(o+${base}+(${word}&${START_MASK}))`, length: `(${word}>>>${LENGTH_SHIFT})` };
  }

  /** Notes that the record is read up to `end` without a check. */
  reach(end: number): void {
    if (end > this.minimum) this.minimum = end;
  }

  /** A kernel variable, asked of the environment at print time. */
  global(name: string): Val {
    this.globals++;
    const to: CType = POINTERS.get(name) ?? VOID;
    const t: CType = to === VOID ? this.ulong : { kind: "ptr", to };
    const code = `${fn.global}(R,${this.keep(name)},${this.longSize * 8})`;
    if (this.longSize === 8) return { r: "b", code, t };
    return { r: "n", code: `Number(${code})`, t };
  }

  readField(name: string, at: number): Val {
    if (name === "ent") return { r: "r", code: "o", t: { kind: "struct", name: "trace_entry", size: 8 }, known: 0 };
    const f = this.field(name, at);
    switch (f.shape) {
      case "int":
      case "pointer": {
        this.reach(f.offset + f.size);
        if (f.shape === "pointer" && f.size !== this.longSize)
          return this.load(`o+${f.offset}`, intType(f.size as 4 | 8, false));
        return this.load(`o+${f.offset}`, f.element);
      }
      case "array": {
        if (f.size > 0) this.reach(f.offset + f.size);
        return { r: "r", code: `(o+${f.offset})`, t: { kind: "ptr", to: f.element }, known: f.offset, length: f.size };
      }
      case "data_loc":
      case "rel_loc":
        // The kernel's own struct member: offset and length in one word.
        this.reach(f.offset + 4);
        return this.load(`o+${f.offset}`, intType(4, false));
      case "opaque":
        this.reach(f.offset + f.size);
        return { r: "r", code: `(o+${f.offset})`, t: f.element, known: f.offset, length: f.size };
    }
  }

  /** A table of { value, "name" } pairs. Values must be constants. */
  nameTable(items: readonly Expr[], wide: boolean): NameTable {
    const t = wide ? intType(8, false) : this.ulong;
    const hi: number[] = [];
    const lo: number[] = [];
    const names: string[] = [];
    let nameless: readonly [number, number] | undefined;
    for (const item of items) {
      if (item.op !== "list" || item.items.length !== 2) throw new FormatError("a { value, name } pair is expected");
      const value = constOf(this.convert(this.expr(item.items[0]!), t));
      if (value === undefined) throw new FormatError("a constant is expected in a table of names");
      const name = this.expr(item.items[1]!);
      if (name.r === "s" && name.text !== undefined) {
        const [h, l] = halves(value);
        hi.push(h);
        lo.push(l);
        names.push(name.text);
      } else if (constOf(name) === 0n) {
        // { -1, NULL }: the end of the table, as formats before 6.19's ARRAY_SIZE() showed it.
        nameless = halves(value);
        this.canKill = true;
        break;
      } else throw new FormatError("a name is expected in a table of names");
    }
    return { hi, lo, names, nameless, seen: new Map() };
  }
}

/** Kernel variables that are pointers to structs: arithmetic on them is scaled. */
const POINTERS: ReadonlyMap<string, CType> = new Map([
  ["vmemmap", { kind: "struct", name: "page", size: 64 } as const],
  ["mem_map", { kind: "struct", name: "page", size: 32 } as const],
]);
