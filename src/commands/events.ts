import { type JsonOptions, jsonParts } from "../export/ndjson/stream.js";
import { type TextLook, textParts } from "../export/text/stream.js";
import { UsageError } from "../ground/errors.js";
import { ExitStatus } from "../ground/exit-status.js";
import type { Image } from "../image/image.js";
import { colorLevel, type Io } from "../io.js";
import type { CommandContext, CommandSpec, CommonOptions } from "../spec/spec.js";
import { type WritingKernel, writingKernel } from "../system/writing-kernel.js";
import { GRAPH_DEFAULTS, type GraphOptions, parseGraphOptions } from "../text/graph-options.js";
import { COLUMNS, type ColumnName, KERNEL_COLUMNS } from "../text/line.js";
import type { ReadingKernel } from "../text/reading-kernel.js";
import { parseTraceOptions, TRACE_OPTION_DEFAULTS, type TraceOptions } from "../text/trace-options.js";
import { lackingInstance } from "../trace/after-boot.js";
import { openTrace } from "../trace/open.js";
import type { TraceSpec } from "../trace/spec.js";
import {
  chosenCpus,
  IMAGE_ARGUMENT,
  IMAGE_OPTIONS,
  type ImageCommandOptions,
  parseAddress,
  parseCpuCount,
  parseCpuList,
  parserOf,
} from "./command.js";
import { loadContext } from "./context/load.js";
import { CONTEXT_OPTIONS, type ContextOptions } from "./context/options.js";
import { JOBS_OPTION } from "./jobs/option.js";
import { Watch } from "./jobs/seen.js";
import type { Team } from "./jobs/team.js";
import { type JobsOptions, withTeam } from "./jobs/with-team.js";
import { writeTrace } from "./jobs/write.js";
import { openImageArgument } from "./open-image.js";
import { CHOICE_OPTIONS, type ChoiceOptions, choiceSpec, parseCount } from "./trace-choice.js";
import { tellNotes, tellOfTrace } from "./trace-notes.js";

interface EventsOptions extends CommonOptions, ImageCommandOptions, ContextOptions, ChoiceOptions, JobsOptions {
  readonly asKernel?: true;
  readonly kernel?: string;
  readonly nextText?: bigint;
  readonly traceOptions?: TraceOptions;
  readonly online?: ReadonlySet<number>;
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
const CONTEXT = 20;

export const spec: CommandSpec<EventsOptions> = {
  description:
    "Every event in the image, as text like the kernel's `trace` file or as JSON. By default it shows more than the " +
    "kernel can after the reboot: names of tasks, real pointers, print formats and symbols even after KASLR, and what the " +
    "kernel would have thrown away. --as-kernel shows exactly what that kernel prints, byte for byte.\n\n" +
    "At a terminal, a line that is longer than the window continues on the next. In a pipe or a file every line is whole.",
  arguments: [IMAGE_ARGUMENT],
  options: [
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
          defaultText: String(CONTEXT),
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
        {
          flags: "--online <list>",
          about: "with --as-kernel: the CPUs that come up, like 0,2-3; the #P: of the header counts them",
          parse: parseCpuList("--online"),
          was: [{ flags: "--online-cpus <n>", parse: parseOnlineCount }],
        },
      ],
    },
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
          parse: (text: string, before: unknown) => [...((before as string[] | undefined) ?? []), ...text.split(",")],
        },
      ],
    })),
    ...CONTEXT_OPTIONS,
    IMAGE_OPTIONS,
  ],
  examples: [
    ["rbtool events --system build.tar.gz dump.bin", "all events, readable"],
    ["rbtool events --system build.tar.gz --last 200ms dump.bin", "the end: what happened right before the crash"],
    ["rbtool events --system build.tar.gz --event 'sched_*' --cpu 1 dump.bin", "scheduling on CPU 1"],
    [
      "rbtool events --system build.tar.gz --filter 'next_comm ~ \"kworker*\" && next_prio < 120' dump.bin",
      "the kernel's own filters",
    ],
    ["rbtool events --system build.tar.gz --around 0x1c140 -C 5 dump.bin", "the events that `last` named as evidence"],
    ["rbtool events --system build.tar.gz --per-cpu --tail 5 dump.bin", "the last events of each CPU"],
    ["rbtool events --system build.tar.gz --graph dump.bin", "function graph"],
    [
      "rbtool events --system build.tar.gz --as-kernel -k 7.3.4 dump.bin | diff - trace",
      "what the kernel printed, exactly",
    ],
    ["rbtool events --system build.tar.gz --json-lines dump.bin | jq -r .event | sort | uniq -c", "for a script"],
  ],
  async run([path], options, context) {
    const image = await openImageArgument(path, options, context);
    checkOptions(options);
    chosenCpus(image, options.cpu);
    await withTeam({ path, image, options, inSlices: isWhole(options) }, context.io, (team) =>
      showEvents(image, options, context, team),
    );
  },
};

/** Whether all events are shown, each by itself: what other threads can do a part of. */
function isWhole(options: EventsOptions): boolean {
  const { head, tail, asKernel } = options;
  return [head, tail, asKernel, graphOf(options)].every((each) => each === undefined);
}

async function showEvents(
  image: Image,
  options: EventsOptions,
  context: CommandContext,
  team: Team | undefined,
): Promise<void> {
  const { io } = context;
  const loaded = await loadContext(image, options, io);
  const watch = new Watch(loaded.formats.problems);
  const writer = writingKernel(loaded);
  if (options.enumNames && writer.types === undefined)
    throw new UsageError("--enum-names needs the kernel's own types: --btf FILE, or --system with its package");
  const view = openTrace(image, writer, {
    ...choiceSpec(options),
    lost: options.lost,
    follow: options.follow,
    depth: options.depth,
    functions: options.function,
    around: options.around === undefined ? undefined : { at: options.around, context: options.context ?? CONTEXT },
    perCpu: options.perCpu && { head: options.head, tail: options.tail },
    wall: options.wall,
    asKernel: readerOf(options, writer),
    graph: graphOf(options),
    nanoseconds: options.ns,
    traceOptions: traceOptionsOf(options),
    names: options.comms,
  });
  if (view.booted !== undefined && lackingInstance(view.booted) !== undefined) {
    context.status = ExitStatus.Findings;
    // A document is one without events; of the kernel's file there is nothing, not even a head.
    if (!options.json) {
      tellNotes(io, view);
      return;
    }
  }
  const parts =
    options.json || options.jsonLines ? jsonParts(view, jsonOf(options)) : textParts(view, lookOf(options, io));
  const { seen } = await writeTrace({ view, parts, watch }, { sink: { write: (bytes) => io.write(bytes) }, team, io });
  tellOfTrace(io, view, seen);
}

function checkOptions(options: EventsOptions): void {
  if (options.kernel !== undefined && !options.asKernel) throw new UsageError("--kernel needs --as-kernel");
  if (options.traceOptions !== undefined && !options.asKernel)
    throw new UsageError("--trace-options needs --as-kernel: they are options of the instance that it prints");
  if (options.nextText !== undefined && !options.asKernel) throw new UsageError("--next-text needs --as-kernel");
  if (options.online !== undefined && !options.asKernel) throw new UsageError("--online needs --as-kernel");
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

function graphOf(options: EventsOptions): GraphOptions | undefined {
  return options.graphOptions ?? (options.graph ? GRAPH_DEFAULTS : undefined);
}

/** The instance's options; with --as-kernel, --fields, --latency and --raw are the kernel's. */
function traceOptionsOf(options: EventsOptions): TraceOptions {
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

function readerOf(options: EventsOptions, writer: WritingKernel): ReadingKernel | undefined {
  if (!options.asKernel) return undefined;
  const release = options.kernel ?? writer.release;
  if (release === undefined) throw new UsageError("--as-kernel: name the kernel, like --kernel 7.3.4");
  return { release, text: options.nextText, onlineCpus: options.online?.size };
}

function lookOf(options: EventsOptions, io: Io): TextLook {
  const { columns = KERNEL_COLUMNS, delta, latency, raw, header, perCpu } = options;
  const { head, tail } = perCpu ? {} : options;
  const withDelta = delta && !columns.includes("delta") ? [...columns, "delta" as const] : columns;
  return {
    columns: options.columns || delta ? withDelta : undefined,
    latency,
    raw,
    noHeader: !header,
    safe: io.stdoutIsTerminal,
    window: io.columns,
    facts: io.stdoutIsTerminal,
    colors: colorLevel(io, options.color) > 0 && !options.asKernel && graphOf(options) === undefined,
    head,
    tail,
  };
}

function jsonOf({ head, tail, perCpu, jsonLines, numbers, enumNames }: EventsOptions): JsonOptions {
  return { ...(perCpu ? {} : { head, tail }), lines: jsonLines === true, numbers, enumNames };
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
