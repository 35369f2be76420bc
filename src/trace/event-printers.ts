import { syscallsOf } from "../derive/syscalls.js";
import type { RecordCopies } from "../events/kernel-copy.js";
import type { Image } from "../image/image.js";
import type { TraceFileBehaviour } from "../kernel/versions/printing.js";
import { type CompiledEvent, compileFormat } from "../print/compile.js";
import type { PrintEnv } from "../print/env.js";
import type { EventFormat } from "../system/formats/parse-format.js";
import { callOf, callsByNumber, type SyscallNames } from "../system/syscalls/names.js";
import type { WritingKernel } from "../system/writing-kernel.js";
import type { FormatPrinter } from "../text/event-text.js";
import { fieldsPrinter, formatPrinter, keepsFormat } from "../text/format-printers.js";
import { syscallLine } from "../text/syscall-lines.js";
import type { TraceOptions } from "../text/trace-options.js";

/** What the printers of events need. */
export interface EventPrintersNeeds {
  readonly image: Image;
  readonly writer: WritingKernel;
  readonly rules: TraceFileBehaviour;
  readonly options: TraceOptions;
  readonly env: PrintEnv;
  /** The kernel that prints; without one, what is known of the writing kernel. */
  readonly release: string | undefined;
  readonly asKernel: boolean;
  /** Dynamic events are printed field by field. */
  readonly byFields: boolean;
  /** What a kernel reads where a record is too short. */
  readonly copies: RecordCopies | undefined;
  /** Asked only when an event is printed. */
  readonly symbols: { readonly machine: string | undefined };
  readonly notes: string[];
}

/** Makes the printers of events that have a format file. */
export class EventPrinters {
  private readonly compiled: CompiledEvent[] = [];
  private calls: SyscallNames | undefined;

  constructor(private readonly needs: EventPrintersNeeds) {}

  /** @param lastType ftrace's last type */
  of(format: EventFormat, lastType: number): FormatPrinter {
    const { rules, options, env, byFields, copies, notes } = this.needs;
    const compiled = this.compile(format);
    if (byFields && !keepsFormat(format, rules, options, lastType)) return fieldsPrinter(compiled, env);
    const print = formatPrinter(compiled, env, notes, copies);
    if (!this.needs.asKernel || callOf(format) === undefined) return print;
    this.calls ??= callsByNumber(syscallsOf(this.needs), this.needs.writer.formats.values());
    return syscallLine(print, format, this.calls, copies);
  }

  /** How many values of print formats have been shown as markers so far. */
  get marked(): number {
    return this.compiled.reduce((sum, { marked }) => sum + marked, 0);
  }

  private compile(format: EventFormat): CompiledEvent {
    const { image, writer, release, symbols } = this.needs;
    const compiled = compileFormat(format, {
      abi: image.layout.abi,
      get machine() {
        return symbols.machine;
      },
      types: writer.types,
      formats: writer.formats,
      ...(release === undefined ? {} : { release }),
    });
    this.compiled.push(compiled);
    return compiled;
  }
}
