import type { FixedLayout } from "../events/builtin/layout.js";
import type { BuiltinName } from "../events/builtin/types.js";
import type { TraceEvent } from "../events/event.js";
import type { Image } from "../image/image.js";
import { openTrace, type Trace } from "../trace.js";

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
 * The records of ftrace's own events that are fatal to who reads `trace` after the reboot. Those of events with a
 * format file are not told: a check needs no files of the writing kernel.
 */
export function fatalRecords(image: Image): FatalRecords[] {
  const view = openTrace(image, { formats: new Map() }, { names: "none" });
  const found = new Map<string, { -readonly [K in keyof FatalRecords]: FatalRecords[K] }>();
  for (const event of view.events()) {
    const name = view.text.builtin(event.type);
    const rule = name === undefined ? undefined : RULES[name];
    const layout = rule === undefined ? undefined : view.text.fixedLayout(event.type);
    const why = layout && rule?.((field) => fieldOf(view, event, layout, field));
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

function fieldOf(view: Trace, event: TraceEvent, layout: FixedLayout, name: string): bigint | undefined {
  const field = layout.get(name);
  if (field === undefined || field.offset + field.size > event.dataSize) return undefined;
  const value = view.text.reader.value(event, field);
  return field.signed ? value : BigInt.asIntN(field.size * 8, value);
}
