// How the text of an event that has a format file, and that of a trace_printk(), comes to be written.

import type { TraceEvent } from "../events/event.js";
import type { RecordCopies } from "../events/kernel-copy.js";
import type { Abi } from "../ground/abi.js";
import type { TraceFileBehaviour } from "../kernel/versions/printing.js";
import { type BprintfPrinter, compileBprintf } from "../print/bprintf.js";
import { type CompiledEvent, showsBeyond } from "../print/compile.js";
import type { PrintEnv } from "../print/env.js";
import type { TextSink } from "../print/text-sink.js";
import type { EventFormat } from "../system/formats/parse-format.js";
import type { FormatPrinter, PrintingKernel } from "./event-text.js";
import type { TraceOptions } from "./trace-options.js";

/**
 * After KASLR, system calls keep their own print function where the kernel says so (is_syscall_event(), since 6.19), and
 * the first dynamic event has ftrace's last type.
 */
export function keepsFormat(
  format: EventFormat,
  rules: TraceFileBehaviour,
  options: TraceOptions,
  lastType: number,
): boolean {
  return !options.fields && (format.id <= lastType || (format.system === "syscalls" && rules.syscallsKeepFormat));
}

/** What the text of an event may have, beside so many characters for each byte of its record: a dump of it, and again. */
const OWN_ROOM = 16_384;
const A_BYTE = 64;
const CUT = "[LINE TOO BIG]";

export function fieldsPrinter(compiled: CompiledEvent, env: PrintEnv): FormatPrinter {
  const print = (event: TraceEvent, out: TextSink): void => {
    out.text(compiled.printFields(event, env));
    out.char(10);
  };
  return Object.assign(print, { pieces: (event: TraceEvent) => compiled.fieldPieces(event, env) });
}

/** @param copies what a kernel reads where a record is too short */
export function formatPrinter(
  compiled: CompiledEvent,
  env: PrintEnv,
  notes: string[],
  copies: RecordCopies | undefined,
): FormatPrinter {
  const { system, name } = compiled.format;
  if (compiled.failure !== undefined) notes.push(`${system}:${name}: ${compiled.failure}: printed field by field`);
  for (const { conversion, reason } of compiled.markers)
    notes.push(`${system}:${name}: ${conversion} is shown as <...>: ${reason}`);
  let told = false;
  return (event, out) => {
    const from = out.at;
    const whole = compiled.write(event, env, out) && !(copies !== undefined && showsBeyond(out, from));
    const most = OWN_ROOM + event.dataSize * A_BYTE;
    if (out.at - from > most) {
      out.at = from + most;
      out.text(CUT);
      if (!told) notes.push(`${system}:${name}: longer than any text of such a record: cut, as ${CUT} says`);
      told = true;
    }
    const copy = whole ? undefined : copies?.of(event);
    if (copy !== undefined) {
      const short = out.string(from);
      out.at = from;
      // Even what lies behind it in the kernel's copy may be too short.
      if (!compiled.write(copy, env, out) || showsBeyond(out, from)) out.replace(from, short);
    }
    out.char(10);
  };
}

/** Prints a trace_printk() by its format and the arguments in the record. */
export function bprintfPrinter(abi: Abi, release: string | undefined, env: PrintEnv): PrintingKernel["bprintf"] {
  const printers = new Map<string, BprintfPrinter>();
  return (format, record, at) => {
    let print = printers.get(format);
    if (print === undefined) {
      print = compileBprintf(format, abi, release);
      printers.set(format, print);
    }
    return print(record, at, env);
  };
}
