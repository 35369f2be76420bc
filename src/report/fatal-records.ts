import type { FixedLayout } from "../events/builtin/layout.js";
import type { BuiltinName } from "../events/builtin/types.js";
import type { TraceEvent } from "../events/event.js";
import type { Image } from "../image/image.js";
import { type CompiledEvent, compileFormat } from "../print/compile.js";
import { makeEnv } from "../print/make-env.js";
import type { WritingKernel } from "../system/writing-kernel.js";
import { openTrace } from "../trace/open.js";
import type { Trace } from "../trace/trace.js";

/** Records that crash or stall a kernel which prints them, of one kind. */
export interface FatalRecords {
  readonly event: string;
  readonly why: string;
  readonly count: number;
  /** Where the first is: its CPU, its sub-buffer's index, and its offset there. */
  readonly first: { readonly cpu: number; readonly subbuf: number; readonly offset: number };
}

/** A line indents by two characters a level, one by one: beyond this that takes a kernel seconds. */
const MAX_DEPTH = 10_000_000n;

type Value = (field: string) => bigint | undefined;

/** Why a kernel does not survive printing a record (kernel/trace/trace_output.c and trace_functions_graph.c, 6.12 to 7.3). */
const RULES: Partial<Record<BuiltinName, (value: Value) => string | undefined>> = {
  /** trace_osnoise_print(): do_div() by the runtime's low 32 bits. */
  osnoise: (value) => {
    const runtime = value("runtime");
    return runtime !== undefined && BigInt.asUintN(32, runtime) === 0n
      ? "it is divided by the runtime, which is 0"
      : undefined;
  },
  /** trace_timerlat_print(): timerlat_lat_context[] has three names. */
  timerlat: (value) => {
    const context = value("context");
    return context !== undefined && (context < 0n || context > 2n) ? "its context has no name" : undefined;
  },
  funcgraph_entry: depth,
  fgraph_retaddr_entry: depth,
  funcgraph_exit: depth,
};

/** print_graph_entry_leaf() and its like. */
function depth(value: Value): string | undefined {
  const level = value("depth");
  return level !== undefined && level > MAX_DEPTH ? "it is indented by its depth, which is huge" : undefined;
}

/**
 * The records that are fatal to who reads `trace` after the reboot: of ftrace's own events, and of those whose formats
 * are known.
 */
export function fatalRecords(image: Image, writer: WritingKernel = { formats: new Map() }): FatalRecords[] {
  const view = openTrace(image, writer, { names: "none" });
  const printed = printedEvents(image, writer);
  const found = new Map<string, { -readonly [K in keyof FatalRecords]: FatalRecords[K] }>();
  for (const event of view.events()) {
    const name = view.text.name(event.type);
    const why = ownReason(view, event) ?? printed(event);
    if (name === undefined || why === undefined) continue;
    const there = found.get(`${name} ${why}`);
    if (there !== undefined) there.count++;
    else {
      const { page, record, cpu } = event;
      const first = { cpu, subbuf: page.index, offset: record - page.start + 8 + image.layout.abi.longSize };
      found.set(`${name} ${why}`, { event: name, why, count: 1, first });
    }
  }
  return [...found.values()];
}

/** Why one of ftrace's own records is fatal. */
function ownReason(view: Trace, event: TraceEvent): string | undefined {
  const name = view.text.builtin(event.type);
  const rule = name === undefined ? undefined : RULES[name];
  const layout = rule === undefined ? undefined : view.text.fixedLayout(event.type);
  return layout && rule?.((field) => fieldOf(view, event, layout, field));
}

/** Why a record is fatal whose format is known: its text is made, as the kernel would make it. */
function printedEvents(image: Image, { formats, release, types }: WritingKernel) {
  const { abi } = image.layout;
  const env = makeEnv({ abi });
  const options = { abi, types, formats, ...(release === undefined ? {} : { release }) };
  const compiled = new Map<number, CompiledEvent>();
  return (event: TraceEvent): string | undefined => {
    const format = formats.get(event.type);
    if (format === undefined) return undefined;
    let printer = compiled.get(event.type);
    if (printer === undefined) {
      printer = compileFormat(format, options);
      compiled.set(event.type, printer);
    }
    if (!printer.canKill) return undefined;
    printer.print(event, env);
    return printer.fatal;
  };
}

function fieldOf(view: Trace, event: TraceEvent, layout: FixedLayout, name: string): bigint | undefined {
  const field = layout.get(name);
  if (field === undefined || field.offset + field.size > event.dataSize) return undefined;
  const value = view.text.reader.value(event, field);
  return field.signed ? value : BigInt.asIntN(field.size * 8, value);
}
