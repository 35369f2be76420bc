import { UsageError } from "../ground/errors.js";

/** The function_graph tracer's options that shape its output (TRACE_GRAPH_PRINT_*, kernel/trace/trace.h). */
export interface GraphOptions {
  readonly cpu: boolean;
  readonly overhead: boolean;
  readonly duration: boolean;
  readonly proc: boolean;
  readonly absTime: boolean;
  /** funcgraph-tail: the function's name behind every closing brace. */
  readonly tail: boolean;
  /** funcgraph-irqs: interrupts are shown, not left out. */
  readonly irqs: boolean;
  /** funcgraph-retval, funcgraph-retval-hex */
  readonly retval: boolean;
  readonly retvalHex: boolean;
  readonly retaddr: boolean;
  /** The latency format's flag columns. */
  readonly latency: boolean;
}

/** The tracer's defaults (tracer_flags, kernel/trace/trace_functions_graph.c). */
export const GRAPH_DEFAULTS: GraphOptions = {
  cpu: true,
  overhead: true,
  duration: true,
  proc: false,
  absTime: false,
  tail: false,
  irqs: true,
  retval: false,
  retvalHex: false,
  retaddr: false,
  latency: false,
};

/** An instance's nop tracer has none of the flags: since 6.19 that is what graph events are printed with. */
export const GRAPH_NOTHING: GraphOptions = {
  ...GRAPH_DEFAULTS,
  cpu: false,
  overhead: false,
  duration: false,
  irqs: false,
};

const NAMES: Readonly<Record<string, keyof GraphOptions>> = {
  cpu: "cpu",
  overhead: "overhead",
  duration: "duration",
  proc: "proc",
  abstime: "absTime",
  tail: "tail",
  irqs: "irqs",
  retval: "retval",
  "retval-hex": "retvalHex",
  retaddr: "retaddr",
  latency: "latency",
};

/** Parses a list of the graph's options: the tracer's option names without `funcgraph-`, with `no-` to turn one off. */
export function parseGraphOptions(text: string): GraphOptions {
  const options: Record<keyof GraphOptions, boolean> = { ...GRAPH_DEFAULTS };
  for (const word of text.split(",")) {
    const name = word.trim().replace(/^(no-?)?(funcgraph-)?/, "");
    const key = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
    if (key === undefined) throw new UsageError(`no option ${word}; there are ${Object.keys(NAMES).join(", ")}`);
    options[key] = !/^no/.test(word.trim());
    if (key === "retvalHex" && options.retvalHex) options.retval = true;
  }
  return options;
}
