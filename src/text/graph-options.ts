import { UsageError } from "../ground/errors.js";
import { GRAPH_DEFAULTS, type GraphOptions } from "./graph.js";

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
