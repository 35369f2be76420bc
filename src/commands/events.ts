import { type JsonOptions, jsonParts } from "../export/ndjson/stream.js";
import { type TextLook, textParts } from "../export/text/stream.js";
import { UsageError } from "../ground/errors.js";
import { ExitStatus } from "../ground/exit-status.js";
import type { Image } from "../image/image.js";
import { colorLevel, type Io } from "../io.js";
import { bootCpus, refuseCpusBeyond } from "../kernel/boot-plan.js";
import type { CommandContext, CommandSpec } from "../spec/spec.js";
import { type WritingKernel, writingKernel } from "../system/writing-kernel.js";
import { KERNEL_COLUMNS } from "../text/line.js";
import type { ReadingKernel } from "../text/reading-kernel.js";
import { lackingInstance } from "../trace/after-boot.js";
import { openTrace } from "../trace/open.js";
import { bootWishes } from "./boot-wishes.js";
import { chosenCpus, IMAGE_ARGUMENT, IMAGE_OPTIONS } from "./command.js";
import { loadContext } from "./context/load.js";
import { CONTEXT_OPTIONS } from "./context/options.js";
import { AROUND, checkOptions, EVENTS_OPTIONS, type EventsOptions, graphOf, traceOptionsOf } from "./events-options.js";
import { Watch } from "./jobs/seen.js";
import type { Team } from "./jobs/team.js";
import { withTeam } from "./jobs/with-team.js";
import { writeTrace } from "./jobs/write.js";
import { openImageArgument } from "./open-image.js";
import { choiceSpec } from "./trace-choice.js";
import { tellNotes, tellOfTrace } from "./trace-notes.js";

export const spec: CommandSpec<EventsOptions> = {
  description:
    "Every event in the image, as text like the kernel's `trace` file or as JSON. By default it shows more than the " +
    "kernel can after the reboot: names of tasks, real pointers, print formats and symbols even after KASLR, and what the " +
    "kernel would have thrown away. --as-kernel shows exactly what that kernel prints, byte for byte.\n\n" +
    "At a terminal, a line that is longer than the window continues on the next. In a pipe or a file every line is whole.",
  arguments: [IMAGE_ARGUMENT],
  options: [...EVENTS_OPTIONS, ...CONTEXT_OPTIONS, IMAGE_OPTIONS],
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
    if (options.asKernel) refuseCpusBeyond(bootCpus(image, options.bootCpus), options.cpu, "cpu");
    else chosenCpus(image, options.cpu);
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
    gaps: options.lost,
    follow: options.follow,
    depth: options.depth,
    functions: options.function,
    around: options.around === undefined ? undefined : { at: options.around, context: options.context ?? AROUND },
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

function readerOf(options: EventsOptions, writer: WritingKernel): ReadingKernel | undefined {
  if (!options.asKernel) return undefined;
  const release = options.kernel ?? writer.release;
  if (release === undefined) throw new UsageError("--as-kernel: name the kernel, like --kernel 7.3.4");
  return { release, text: options.nextText, onlineCpus: options.online?.size, boot: bootWishes(options, [release]) };
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
