import { UsageError } from "../ground/errors.js";

/** The options of an instance that shape what its `trace` file says (TRACE_FLAGS, kernel/trace/trace.h). */
export interface TraceOptions {
  readonly printParent: boolean;
  readonly symOffset: boolean;
  readonly symAddr: boolean;
  readonly verbose: boolean;
  readonly raw: boolean;
  readonly hex: boolean;
  readonly bin: boolean;
  readonly fields: boolean;
  readonly contextInfo: boolean;
  readonly irqInfo: boolean;
  readonly latencyFormat: boolean;
  readonly recordTgid: boolean;
  readonly hashPtr: boolean;
  readonly bitmaskList: boolean;
}

/** A new instance's (TRACE_DEFAULT_FLAGS, kernel/trace/trace.c). */
export const TRACE_OPTION_DEFAULTS: TraceOptions = {
  printParent: true,
  symOffset: false,
  symAddr: false,
  verbose: false,
  raw: false,
  hex: false,
  bin: false,
  fields: false,
  contextInfo: true,
  irqInfo: true,
  latencyFormat: false,
  recordTgid: false,
  hashPtr: true,
  bitmaskList: false,
};

const NAMES: ReadonlyMap<string, keyof TraceOptions> = new Map([
  ["print-parent", "printParent"],
  ["sym-offset", "symOffset"],
  ["sym-addr", "symAddr"],
  ["verbose", "verbose"],
  ["raw", "raw"],
  ["hex", "hex"],
  ["bin", "bin"],
  ["fields", "fields"],
  ["context-info", "contextInfo"],
  ["irq-info", "irqInfo"],
  ["latency-format", "latencyFormat"],
  ["record-tgid", "recordTgid"],
  ["hash-ptr", "hashPtr"],
  ["bitmask-list", "bitmaskList"],
]);

/** Parses a list as `trace_options` takes it: the kernel's names, with `no` before one to turn it off. */
export function parseTraceOptions(text: string): TraceOptions {
  const options: Record<keyof TraceOptions, boolean> = { ...TRACE_OPTION_DEFAULTS };
  for (const word of text.split(",")) {
    const name = word.trim();
    const on = NAMES.get(name);
    const off = on === undefined && name.startsWith("no") ? NAMES.get(name.slice(2)) : undefined;
    const key = on ?? off;
    if (key === undefined) throw new UsageError(`no option ${name}; there are ${[...NAMES.keys()].join(", ")}`);
    options[key] = on !== undefined;
  }
  return options;
}
