import type { EventRecord, FixedReader } from "../events/builtin/record.js";
import type { TraceFileBehaviour } from "../kernel/versions/printing.js";
import type { Btf } from "../system/btf.js";
import type { KernelTypes } from "../system/kernel-types.js";
import type { Kallsyms } from "../system/symbols/kallsyms.js";
import { hex8 } from "./hex.js";

/** Writes one argument; `long` reads the record's words. */
type Parameter = (words: Words) => string;

/** The words of a record that arguments are taken from, in turn. */
interface Words {
  next: number;
  /** Set where the record ends within a struct: nothing follows. */
  cut: boolean;
  readonly count: number;
  read(i: number): bigint;
}

/** The kernel's own function that prints them. */
const PRINTER = "print_function_args";

/** Whether a kernel prints none: built without CONFIG_FUNCTION_TRACE_ARGS, as those without BTF (Debian's armhf and loong64). */
export function printsNoArguments(kallsyms: Pick<Kallsyms, "find">): boolean {
  return kallsyms.find([PRINTER]).size === 0;
}

/** Of the kernel that prints. */
export interface ArgumentRules extends Pick<TraceFileBehaviour, "argumentEnums"> {
  /** It prints no function's. */
  readonly noArguments?: boolean;
}

/** FTRACE_REGS_MAX_ARGS: arguments that a record may hold; the fewest of any architecture that has them. */
const MIN_ARGS = 5;
/** More than any record holds. */
const MAX_ARGS = 16;

/**
 * Symbols of code that no kernel has in its BTF: parts that the compiler split off (`.cold`), the padding before a function,
 * static calls, and Rust's functions, which pahole leaves out.
 */
const NOT_IN_BTF = /\.|^(?:__pfx_|__SCT__|_R)/;

/**
 * The arguments of a function, as func-args and funcgraph-args keep them: their registers, whose names and types are in
 * BTF (print_function_args(), kernel/trace/trace_output.c, since 6.15). Without BTF the registers are shown, but for what has
 * no arguments in any.
 */
export class FunctionArgs {
  private readonly known = new Map<string, readonly Parameter[]>();
  /** Set when registers had to be shown for want of BTF. */
  wanted = false;

  constructor(
    private readonly reader: FixedReader,
    private readonly types: KernelTypes | undefined,
    private readonly name: (hi: number, lo: number) => string | undefined,
    private readonly rules: ArgumentRules,
  ) {}

  /**
   * `(a=1, ...)`; undefined where the record has no arguments.
   * @param func where in the record's data the function's address lies; the arguments lie between `from` and `to`
   */
  text({ view, data }: Pick<EventRecord, "view" | "data">, func: number, from: number, to: number): string | undefined {
    const { reader } = this;
    const at = data + from;
    const count = Math.min(MAX_ARGS, Math.floor((Math.min(data + to, view.byteLength) - at) / reader.longSize));
    if (count < MIN_ARGS) return undefined;
    const name = this.name(reader.longHi(view, data + func), reader.longLo(view, data + func));
    if (this.rules.noArguments || name === undefined) return "()";
    if (this.types?.kernel === undefined) {
      if (NOT_IN_BTF.test(name)) return "()";
      this.wanted = true;
      const shown: string[] = [];
      for (let i = 0; i < count; i++) shown.push(hexLong(reader, view, at + i * reader.longSize));
      return `(${shown.join(", ")})`;
    }
    const words: Words = {
      next: 0,
      cut: false,
      count,
      read: (i) => {
        const place = at + i * reader.longSize;
        return (BigInt(reader.longHi(view, place)) << 32n) | BigInt(reader.longLo(view, place));
      },
    };
    let text = "(";
    for (const parameter of this.parameters(name)) {
      if (text !== "(") text += ", ";
      if (words.next >= count) return `${text}...)`;
      text += parameter(words);
      if (words.cut) break;
    }
    return `${text})`;
  }

  private parameters(name: string): readonly Parameter[] {
    let found = this.known.get(name);
    if (found === undefined) {
      const func = this.types?.find(name, "func");
      const kernel = { longSize: this.reader.longSize, argumentEnums: this.rules.argumentEnums };
      found =
        func === undefined
          ? []
          : func.btf.parameters(func.type.id).map((each) => parameterOf(func.btf, each.name, each.type, kernel));
      this.known.set(name, found);
    }
    return found;
  }
}

/** Of the kernel that prints. */
interface Rules extends Pick<TraceFileBehaviour, "argumentEnums"> {
  readonly longSize: 4 | 8;
}

function parameterOf(btf: Btf, name: string, typeId: number, { longSize, argumentEnums }: Rules): Parameter {
  const type = btf.strip(typeId);
  const bits = longSize * 8;
  if (type === undefined) return (words) => `${name}=?0x${words.read(words.next++).toString(16)}`;
  switch (type.kind) {
    case "ptr":
      return (words) => `${name}=0x${words.read(words.next++).toString(16)}`;
    case "int": {
      if (!type.signed) return (words) => `${name}=0x${words.read(words.next++).toString(16)}`;
      return (words) => `${name}=${BigInt.asIntN(bits, words.read(words.next++))}`;
    }
    case "enum": {
      const names = new Map<bigint, string>();
      for (const each of argumentEnums ? btf.enumerators(type.id) : []) {
        // Compared as an unsigned long: what is negative is all ones above.
        const value = BigInt.asUintN(bits, BigInt.asIntN(32, each.value));
        if (!names.has(value)) names.set(value, each.name);
      }
      return (words) => {
        const value = words.read(words.next++);
        const known = names.get(value);
        return `${name}=${BigInt.asIntN(bits, value)}${known === undefined ? "" : ` [${known}]`}`;
      };
    }
    default: {
      const { kind, size } = type;
      return (words) => {
        let text = `${name}=(${kind.toUpperCase()})[0x${words.read(words.next++).toString(16)}`;
        for (let x = longSize; x < size; x += longSize) {
          text += ":";
          words.cut = words.next >= words.count;
          if (words.cut) return `${text}...]`;
          text += `0x${words.read(words.next++).toString(16)}`;
        }
        return `${text}]`;
      };
    }
  }
}

function hexLong(reader: FixedReader, view: DataView, at: number): string {
  const hi = reader.longHi(view, at);
  const lo = reader.longLo(view, at);
  return hi === 0 ? `0x${lo.toString(16)}` : `0x${hi.toString(16)}${hex8(lo)}`;
}
