import type { Abi } from "../ground/abi.js";
import { parseRelease } from "../ground/release.js";
import { FormatError, MAX_CONVERSIONS, MAX_OWN_TEXT, MAX_WIDTH } from "../system/formats/errors.js";
import { type EventField, type EventFormat, typesOfFields } from "../system/formats/parse-format.js";
import type { KernelTypes } from "../system/kernel-types.js";
import { printBehaviour } from "./by-version.js";
import { emitPrintf } from "./emit-printf.js";
import type { Marker } from "./emitter.js";
import type { PrintEnv } from "./env.js";
import { type FieldPrinter, fieldPrinter } from "./event-fields.js";
import { Expression, type WriterTypes } from "./expression.js";
import { library } from "./library.js";
import { parsePrintFormat } from "./parse-print-format.js";
import { type Piece, splitFormat } from "./printf.js";
import { isProbe } from "./probes.js";
import { PrintedRecord, type RecordData } from "./record.js";
import { BEYOND_MARKS, RecordError } from "./runtime.js";
import type { SeqWrite } from "./seq-writes.js";
import { isSynthetic, syntheticPrinter } from "./synthetic.js";
import { syscallPrinter } from "./syscalls.js";
import { Stamp, TextSink } from "./text-sink.js";
import { testedStrings, unsafeString } from "./unsafe-strings.js";

/** Prints the body of a record. */
type BodyPrinter = (record: PrintedRecord, out: TextSink) => void;

/** One event's format, compiled. Stateless between calls except for caches of printed flags. */
export interface CompiledEvent {
  readonly format: EventFormat;
  /** Why the print format could not be compiled; print() then prints field by field. */
  readonly failure: string | undefined;
  /** Parts of the text that cannot be told: a marker stands for each. */
  readonly markers: readonly Marker[];
  /** How many markers have been printed. */
  readonly marked: number;
  /** Whether there are records that a kernel does not survive printing. */
  readonly canKill: boolean;
  /** Why a kernel does not survive printing the record that was written last; undefined where it does. */
  readonly fatal: string | undefined;
  /**
   * What the kernel prints behind the context columns, without the line's end: "name: body", or for system calls
   * "sys_name(...)". One character a byte. Never throws; what lies beyond the record is marked in the text.
   * @returns false where it had to be printed field by field
   */
  write(record: RecordData, env: PrintEnv, out: TextSink): boolean;
  /** The same as a string. */
  print(record: RecordData, env: PrintEnv): string;
  /** The same without "name: ": the TP_printk() text alone (for system calls, the arguments in parentheses). */
  body(record: RecordData, env: PrintEnv): string;
  /** Field by field, as print_event_fields() prints after a boot with another kernel address: "name: a=.. b=..". */
  printFields(record: RecordData, env: PrintEnv): string;
  /** The same in the pieces that the kernel writes. */
  fieldPieces(record: RecordData, env: PrintEnv): SeqWrite[];
}

/** Whether what was written from `from` on marks something that lies beyond the record. */
export function showsBeyond(out: TextSink, from: number): boolean {
  return BEYOND_MARKS.some((mark) => out.has(mark, from));
}

/** What compileFormat() must know of the writer (and, for printFields(), of the kernel that would read). */
export interface CompileOptions {
  readonly abi: Abi;
  /** As uname -m has it: some compilers make their own of what C leaves open. */
  readonly machine?: string | undefined;
  /** "7.3.4+deb13-cloud-amd64": some texts differ by version. The newest is assumed when it is not known. */
  readonly release?: string;
  /** The writer's types: constants and structs that its format files only name. */
  readonly types?: KernelTypes | undefined;
  /** All its events: some only name what the format of another lists. */
  readonly formats?: ReadonlyMap<number, EventFormat>;
}

/** Compiles one event. Does not throw for a print format that cannot be compiled: see `failure`. */
export function compileFormat(format: EventFormat, options: CompileOptions): CompiledEvent {
  return new Compiled(format, {
    abi: options.abi,
    get machine() {
      return options.machine;
    },
    release: parseRelease(options.release ?? "") ?? [Infinity, 0, 0],
    behaviour: printBehaviour(options.release),
    types: options.types,
    formats: options.formats ?? new Map(),
  });
}

/** Throws FormatError for a print format whose text no kernel's line has room for. */
function refuseLong(pieces: readonly Piece[]): void {
  let [own, conversions] = [0, 0];
  for (const piece of pieces) {
    if (piece.kind === "text" || piece.kind === "invalid") own += piece.text.length;
    else {
      for (const pad of [piece.width, piece.precision])
        if (typeof pad === "number") own += Math.min(Math.max(pad, 0), MAX_WIDTH);
      conversions++;
    }
  }
  if (own > MAX_OWN_TEXT)
    throw new FormatError(`a print format of ${own} characters: no line has more than ${MAX_OWN_TEXT}`);
  if (conversions > MAX_CONVERSIONS)
    throw new FormatError(`${conversions} conversions: a print format has at most ${MAX_CONVERSIONS}`);
}

/** The formatter of a print format and its source text; throws FormatError. */
function compilePrintFormat(
  format: EventFormat,
  kernel: WriterTypes,
): {
  run: BodyPrinter;
  source: string;
  minimum: number;
  tested: readonly EventField[];
  markers: readonly Marker[];
  canKill: boolean;
} {
  const print = parsePrintFormat(format.printFmt, kernel.abi, typesOfFields(format.fields));
  const pieces = splitFormat(print.format, kernel.abi.longSize);
  refuseLong(pieces);
  const g = new Expression(format, kernel);
  const code = emitPrintf(g, print, pieces, isProbe(format, print));
  const source = `"use strict";return function(R,W){const d=R.d,u=R.u,o=R.start,E=R.env;let ${["p=W.ready()", "v=W.view", ...g.variables].join(",")};${code}W.at=p;}`;
  // Safe: see Represent; no text of the format file is part of the source.
  const make = new Function("H", "K", source) as (h: typeof library, k: readonly unknown[]) => BodyPrinter;
  return {
    run: make(library, g.constants),
    source,
    minimum: g.minimum,
    tested: testedStrings(format, print.args, pieces),
    markers: g.markers,
    canKill: g.canKill,
  };
}

/** Events made by programs are printed field by field (user_event_print_trace(), kernel/trace/trace_events_user.c). */
const USER_EVENTS = /^user_events/;

/** Where print() and body() put their text together. */
const scratch = new TextSink(4096);

class Compiled implements CompiledEvent {
  failure: string | undefined;
  private run: BodyPrinter | undefined;
  private minimum = 0;
  /** Fields whose string may be one that the kernel refuses to print. */
  private tested: readonly EventField[] = [];
  /** Why the last record could not be printed with its own format. */
  private marker = "";
  private compiled = false;
  private fields: FieldPrinter | undefined;
  private wholeFields: FieldPrinter | undefined;
  markers: readonly Marker[] = [];
  private readonly record: PrintedRecord;
  canKill = false;
  private readonly prefix: Stamp;
  private readonly syscall: boolean;

  constructor(
    readonly format: EventFormat,
    private readonly kernel: WriterTypes,
  ) {
    this.record = new PrintedRecord(kernel.abi);
    this.syscall = format.system === "syscalls" && /^sys_(enter|exit)_/.test(format.name);
    // print_eprobe_event() names the event that is probed.
    const head = format.probed === undefined ? `${format.name}: ` : `${format.name}: (${format.probed})`;
    this.prefix = new Stamp(this.syscall ? format.name.replace(/^sys_(enter|exit)_/, "sys_") : head);
    try {
      this.compile();
    } catch (error) {
      if (!(error instanceof FormatError) && !(error instanceof SyntaxError) && !(error instanceof RangeError))
        throw error;
      this.failure = error.message;
    }
  }

  private compile(): void {
    if (this.compiled) return;
    this.compiled = true;
    if (this.syscall) {
      const printer = syscallPrinter(this.format, this.kernel.abi, this.kernel.behaviour);
      this.run = (r, out) => out.text(printer.run(r));
      this.minimum = printer.minimum;
      return;
    }
    if (isSynthetic(this.format)) {
      const printer = syntheticPrinter(this.format, this.kernel);
      this.run = (r, out) => out.text(printer.run(r));
      this.minimum = printer.minimum;
      this.canKill = printer.canKill;
      return;
    }
    // A file without a print format has its fields alone.
    if (USER_EVENTS.test(this.format.system) || this.format.printFmt === "") {
      this.run = undefined;
      return;
    }
    const { run, minimum, tested, markers, canKill } = compilePrintFormat(this.format, this.kernel);
    this.run = run;
    this.minimum = minimum;
    this.tested = tested;
    this.markers = markers;
    this.canKill = canKill;
  }

  get marked(): number {
    return this.record.marked;
  }

  get fatal(): string | undefined {
    return this.record.fatal;
  }

  write(record: RecordData, env: PrintEnv, out: TextSink): boolean {
    const start = out.at;
    out.stamp(this.prefix);
    if (this.attempt(record, env, out)) return true;
    out.at = start;
    out.text(`${this.format.name}:${this.fieldsText(record, env, true)}${this.marker}`);
    return false;
  }

  print(record: RecordData, env: PrintEnv): string {
    scratch.at = 0;
    this.write(record, env, scratch);
    return scratch.string(0);
  }

  body(record: RecordData, env: PrintEnv): string {
    scratch.at = 0;
    if (this.attempt(record, env, scratch)) return scratch.string(0);
    return this.fieldsText(record, env, true).trimStart() + this.marker;
  }

  printFields(record: RecordData, env: PrintEnv): string {
    return `${this.format.name}:${this.fieldsText(record, env, env.kernelFields !== true)}`;
  }

  /** Writes the event's own text; false when that cannot be, and what was written is void. */
  private attempt(record: RecordData, env: PrintEnv, out: TextSink): boolean {
    const r = this.record.open(record, env);
    this.marker = "";
    if (this.run === undefined || record.dataSize < this.minimum) return false;
    if (this.tested.length > 0 && env.safeString !== undefined) {
      const unsafe = unsafeString(this.tested, r, env.safeString, this.format.name);
      if (unsafe !== undefined) {
        out.text(`EVENT ${this.format.name}: HAS UNSAFE POINTER FIELD '${unsafe.name}'`);
        return true;
      }
    }
    try {
      this.run(r, out);
      return true;
    } catch (error) {
      if (error instanceof RecordError || error instanceof RangeError) {
        this.marker = ` <${error.message}>`;
        return false;
      }
      throw error;
    }
  }

  fieldPieces(record: RecordData, env: PrintEnv): SeqWrite[] {
    return [
      [`${this.format.name}:`, 1],
      ...this.fieldsOf(env.kernelFields !== true).pieces(this.record.open(record, env)),
      ["\n", 0],
    ];
  }

  private fieldsText(record: RecordData, env: PrintEnv, whole: boolean): string {
    return this.fieldsOf(whole)(this.record.open(record, env));
  }

  private fieldsOf(whole: boolean): FieldPrinter {
    let print = whole ? this.wholeFields : this.fields;
    if (print === undefined) {
      print = fieldPrinter(this.format, this.kernel.behaviour, whole);
      if (whole) this.wholeFields = print;
      else this.fields = print;
    }
    return print;
  }
}
