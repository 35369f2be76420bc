import type { EventFormat } from "../system/formats/parse-format.js";
import type { Expr, PrintFormat } from "./ast.js";
import type { Emitter } from "./emitter.js";

/**
 * Whether an event is a kprobe, uprobe, fprobe, tprobe or eprobe. The kernel does not print these by their print format
 * but argument by argument (trace_probe_print_args(), kernel/trace/trace_probe_tmpl.h, 6.12 to 7.3).
 */
export function isProbe(format: EventFormat, print: PrintFormat): boolean {
  if (format.probed !== undefined) return true;
  const own = format.fields.filter((field) => !field.common);
  if (own.some(({ name }) => name === "__probe_ip" || name === "__probe_func")) return true;
  // An eprobe has no place: its print format is its arguments alone (__set_print_fmt(), trace_probe.c).
  return own.length > 0 && print.format.startsWith(` ${own[0]!.name}=`) && print.args.every(isArgument);
}

/** Systems that probes are in which are given no other (KPROBE_EVENT_SYSTEM and the like, kernel/trace/trace_probe.h). */
const SYSTEMS: ReadonlyMap<string, boolean> = new Map([
  ["kprobes", false],
  ["fprobes", false],
  ["tracepoints", false],
  ["uprobes", true],
]);

/** Whether a probe is on a program's place; undefined where nothing tells. A uprobe's format reads as a kprobe's. */
export function isInProgram({ inProgram, system }: EventFormat): boolean | undefined {
  return inProgram ?? SYSTEMS.get(system);
}

function isArgument(e: Expr): boolean {
  return e.op === "field" || (e.op === "index" && e.a.op === "field") || isString(e);
}

/** Whether an argument is one of the type string, which the print format has in quotes. */
export function isString(e: Expr | undefined): e is Expr & { op: "call" } {
  return e?.op === "call" && e.name === "__get_str";
}

/** The text of a string in quotes, or `(fault)` where there was none to read (print_type_string(), kernel/trace/trace_probe.c). */
export function emitString(g: Emitter, e: Expr & { op: "call" }): string {
  const length = g.low(g.expr({ ...e, name: "__get_dynamic_array_len" }));
  return `${length}===0?"(fault)":'"'+${g.string(g.expr(e))}+'"'`;
}
