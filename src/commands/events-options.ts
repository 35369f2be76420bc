import { UsageError } from "../ground/errors.js";
import type { CommonOptions, OptionGroup } from "../spec/spec.js";
import { GRAPH_DEFAULTS, type GraphOptions, parseGraphOptions } from "../text/graph-options.js";
import { COLUMNS, type ColumnName } from "../text/line.js";
import { parseTraceOptions, TRACE_OPTION_DEFAULTS, type TraceOptions } from "../text/trace-options.js";
import type { TraceSpec } from "../trace/spec.js";
import { type BootCommandOptions, bootConditions, refuseBootOptions } from "./boot-options.js";
import { type ImageCommandOptions, parseAddress, parseCpuCount, parseNames, parserOf } from "./command.js";
import type { ContextOptions } from "./context/options.js";
import { JOBS_OPTION } from "./jobs/option.js";
import type { JobsOptions } from "./jobs/with-team.js";
import { CHOICE_OPTIONS, type ChoiceOptions, parseCount } from "./trace-choice.js";

export interface EventsOptions
  extends CommonOptions,
    ImageCommandOptions,
    ContextOptions,
    ChoiceOptions,
    JobsOptions,
    BootCommandOptions {
  readonly asKernel?: true;
  readonly kernel?: string;
  readonly nextText?: bigint;
  readonly traceOptions?: TraceOptions;
  readonly graph?: true;
  readonly graphOptions?: GraphOptions;
  readonly comms: NonNullable<TraceSpec["names"]>;
  readonly lost?: true;
  readonly head?: number;
  readonly tail?: number;
  readonly columns?: readonly ColumnName[];
  readonly latency?: true;
  readonly delta?: true;
  readonly ns?: true;
  readonly raw?: true;
  readonly fields?: true;
  readonly header: boolean;
  readonly perCpu?: true;
  readonly around?: string;
  readonly context?: number;
  readonly follow?: number;
  readonly depth?: number;
  readonly function?: readonly string[];
  readonly wall?: string;
  readonly jsonLines?: true;
  readonly numbers?: true;
  readonly enumNames?: true;
}

/** Events before and after the place of --around. */
export const AROUND = 20;

/** The options of `events` alone, and those that choose events. */
export const EVENTS_OPTIONS: readonly OptionGroup[] = [
  {
    title: "How to show them",
    options: [
      { flags: "--head <n>", about: "stop after this many events", parse: parseCount("--head") },
      { flags: "--tail <n>", about: "only the last n events", parse: parseCount("--tail") },
      { flags: "--per-cpu", about: "--head and --tail count per CPU" },
      {
        flags: "--around <place>",
        about: "only events around a time as printed, or around an offset in the image (0x1c140)",
        completes: "nothing",
      },
      {
        flags: "-C, --context <n>",
        about: "with --around: how many events before and after",
        parse: parseCount("--context"),
        defaultText: String(AROUND),
      },
      { flags: "--columns <list>", about: `columns before the event: ${COLUMNS.join(",")}`, parse: parseColumns },
      { flags: "--latency", about: "the latency format's columns: flags, time, and a mark for long waits" },
      { flags: "--delta", about: "add the time since the previous event, in microseconds" },
      { flags: "--ns", about: "times in nanoseconds" },
      {
        flags: "--wall <time=date>",
        about: "times as dates, from one pair that you know: 14.247246=2026-11-25T10:00:00Z",
        completes: "nothing",
      },
      { flags: "--raw", about: "fields as plain numbers instead of the print format" },
      { flags: "--fields", about: "field by field, as the kernel's `fields` option prints" },
      { flags: "--graph", about: "as the function_graph tracer shows it" },
      {
        flags: "--graph-options <list>",
        about:
          "like --graph, with options of the tracer: proc, abstime, tail, retval, retval-hex, retaddr, latency, no-cpu, no-duration, no-overhead, " +
          "no-irqs; separated by commas",
        parse: parserOf("graph-options", parseGraphOptions),
      },
      {
        flags: "--comms <from>",
        about: "where task names come from",
        choices: ["both", "saved", "events", "none"],
        default: "both",
      },
      { flags: "--no-header", about: "events only, without the legend" },
      { flags: "--json-lines", about: "JSON, one event per line (NDJSON), as it is read" },
      {
        flags: "--numbers",
        about: "with JSON: 64-bit values as numbers if they are below 2^53, otherwise as strings",
      },
      { flags: "--enum-names", about: "with JSON: what BTF calls the values of fields that are enums" },
      JOBS_OPTION,
    ],
  },
  {
    title: "As the kernel prints it",
    options: [
      {
        flags: "--as-kernel",
        about: "exactly as a kernel prints the recovered instance after the reboot",
        findings: "that kernel makes no instance, or fails: it has no trace file",
      },
      {
        flags: "-k, --kernel <version>",
        about: "with --as-kernel: which kernel",
        defaultText: "the writing kernel's release",
      },
      {
        flags: "--next-text <addr>",
        about: "with --as-kernel: address of _text in that boot, if KASLR moved it",
        parse: parserOf("next-text", parseAddress),
      },
      {
        flags: "--trace-options <list>",
        about:
          "with --as-kernel: the instance's options, as trace_options takes them: raw, hex, bin, fields, verbose, " +
          "latency-format, sym-offset, sym-addr, record-tgid, nocontext-info, noprint-parent, nohash-ptr, noirq-info, " +
          "bitmask-list; separated by commas",
        parse: parserOf("trace-options", parseTraceOptions),
      },
    ],
  },
  bootConditions("The boot of --as-kernel", { "--online": [{ flags: "--online-cpus <n>", parse: parseOnlineCount }] }),
  ...CHOICE_OPTIONS.map(({ title, options }) => ({
    title,
    options: [
      ...options,
      { flags: "--lost", about: "only events that follow a loss" },
      {
        flags: "--follow <pid>",
        about: "one task's life: its events, the switches to and from it, wakeups of it",
        parse: parseCount("--follow"),
      },
      {
        flags: "--depth <n>",
        about: "only the outermost n levels of the function graph",
        parse: parseCount("--depth"),
      },
      {
        flags: "--function <glob>",
        about: "only what happens inside functions with this name, by the function graph",
        parse: parseNames,
      },
    ],
  })),
];

/** Throws UsageError for options that do not go together. */
export function checkOptions(options: EventsOptions): void {
  if (options.kernel !== undefined && !options.asKernel) throw new UsageError("--kernel needs --as-kernel");
  if (options.traceOptions !== undefined && !options.asKernel)
    throw new UsageError("--trace-options needs --as-kernel: they are options of the instance that it prints");
  if (options.nextText !== undefined && !options.asKernel) throw new UsageError("--next-text needs --as-kernel");
  if (!options.asKernel) refuseBootOptions(options, "needs --as-kernel");
  if (options.context !== undefined && options.around === undefined)
    throw new UsageError("--context needs --around: it counts the events before and after that place");
  if (options.asKernel && (options.strict || options.consumed || options.sure))
    throw new UsageError("--strict, --consumed and --sure choose from what the image holds: not with --as-kernel");
  if (options.numbers && !options.json && !options.jsonLines)
    throw new UsageError("--numbers needs --json or --json-lines");
  if (options.enumNames && !options.json && !options.jsonLines)
    throw new UsageError("--enum-names needs --json or --json-lines");
  if (options.strict && options.consumed) throw new UsageError("--strict and --consumed cannot be combined");
  if (options.perCpu && options.head === undefined && options.tail === undefined)
    throw new UsageError("--per-cpu needs --head or --tail");
  if (options.perCpu && options.around !== undefined) throw new UsageError("--per-cpu and --around cannot be combined");
  if (options.head !== undefined && options.tail !== undefined)
    throw new UsageError("--head and --tail cannot be combined");
  if (options.json || options.jsonLines) refuseTextOptions(options);
  if (
    graphOf(options) !== undefined &&
    (options.columns ?? options.latency ?? options.delta ?? options.raw) !== undefined
  )
    throw new UsageError("--graph has its own columns: see --graph-options");
}

/** The options that shape lines of text, which JSON does not have. */
function refuseTextOptions(options: EventsOptions): void {
  if (options.json && options.jsonLines) throw new UsageError("--json and --json-lines cannot be combined");
  const { raw, hex, bin, verbose, latencyFormat, recordTgid, contextInfo, irqInfo } = traceOptionsOf(options);
  const shaping = {
    "--graph": options.graph,
    "--graph-options": options.graphOptions,
    "--columns": options.columns,
    "--latency": options.latency,
    "--delta": options.delta,
    "--ns": options.ns,
    "--wall": options.wall,
    "--raw": options.raw,
    "these --trace-options": raw || hex || bin || verbose || latencyFormat || recordTgid || !contextInfo || !irqInfo,
  };
  const [refused] = Object.entries(shaping).find(([, given]) => given !== undefined && given !== false) ?? [];
  if (refused !== undefined)
    throw new UsageError(
      `${refused} shapes text and cannot be combined with JSON, which has times, fields and flags as they are`,
    );
}

/** How the function graph is shown; undefined where events are shown one by one. */
export function graphOf(options: EventsOptions): GraphOptions | undefined {
  return options.graphOptions ?? (options.graph ? GRAPH_DEFAULTS : undefined);
}

/** The instance's options; with --as-kernel, --fields, --latency and --raw are the kernel's. */
export function traceOptionsOf(options: EventsOptions): TraceOptions {
  const given = options.traceOptions ?? TRACE_OPTION_DEFAULTS;
  const fields = given.fields || options.fields === true;
  if (!options.asKernel) return { ...given, fields };
  return {
    ...given,
    fields,
    latencyFormat: given.latencyFormat || options.latency === true,
    raw: given.raw || options.raw === true,
  };
}

/** --online-cpus was a number of CPUs. */
function parseOnlineCount(text: string): ReadonlySet<number> {
  return new Set(Array.from({ length: parseCpuCount("--online-cpus")(text) }, (_, cpu) => cpu));
}

function parseColumns(text: string): readonly ColumnName[] {
  return text.split(",").map((name) => {
    const column = COLUMNS.find((known) => known === name.trim());
    if (column === undefined) throw new UsageError(`--columns: no column ${name}; there are ${COLUMNS.join(", ")}`);
    return column;
  });
}
