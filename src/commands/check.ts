import { type Command, Option } from "commander";
import { ExitStatus } from "../exit-status.js";
import type { Image } from "../image/image.js";
import { clockCountsNanoseconds } from "../image/scratch.js";
import {
  type BootOptions,
  conditionsOf,
  kernelsFor,
  type Outcome,
  outcomeOf,
  type Survey,
  survey,
} from "../kernel/outcome.js";
import { formatEventTs } from "../kernel/stats.js";
import { kernelBehaviour, NEWEST_KNOWN } from "../kernel/versions.js";
import { renderCheck } from "../render/check.js";
import { styleFor } from "../render/style.js";
import { hex } from "../render/units.js";
import { addBootOptions, type BootCommandOptions, bootOptions, parseKernel } from "./boot-options.js";
import {
  addCommonOptions,
  addExamples,
  type CommandContext,
  type CommonOptions,
  openImageArgument,
} from "./command.js";

interface CheckOptions extends CommonOptions, BootCommandOptions {
  readonly kernel?: string[];
  readonly all?: true;
}

export function define(command: Command, context: CommandContext): void {
  command
    .description(
      "Say beforehand what the next boot would make of the memory: the messages of that kernel, verbatim and in order; " +
        "for each CPU whether it is kept, emptied or reset and with how many events; the pages rewound and dropped, and " +
        "why; whether the kernel itself would crash. Also what it would not say: what is still readable though dropped. " +
        "Without --kernel, the versions that the layout allows are compared.",
    )
    .argument("[image]", "the raw memory: a file or - (without it, standard input)")
    .addOption(
      new Option(
        "-k, --kernel <version>",
        "a version from 6.12 on, like 6.12.107, 7.3 (its newest release known) or a whole uname -r; may be repeated",
      ).argParser((text: string, before: string[] | undefined) => [...(before ?? []), parseKernel(text)]),
    )
    .addOption(new Option("--all", "every distinct kernel behaviour known, as a table, also those of another layout"));
  addBootOptions(command);
  addCommonOptions(command);
  addExamples(command, [
    ["rbtool check --kernel 7.3.4 dump.bin", "would that kernel keep everything?"],
    ["rbtool check dump.bin", "which kernels would keep how much?"],
    ["rbtool check --all dump.bin", "the same for every behaviour known, as a table"],
    ["rbtool check -k $(uname -r) --cpus 8 dump.bin", "this kernel, on a machine with 8 CPUs"],
    ["rbtool check -k 7.3 --json dump.bin | jq -e '.kernels[0].summary'", "for a script; exit 1 means a loss"],
  ]);
  command.addHelpText(
    "after",
    "\nExit status: 0 everything is kept; 1 something would be lost, or the kernel would fail.",
  );
  command.action(async (path: string | undefined, options: CheckOptions) => {
    const image = await openImageArgument(path, context.io);
    const report = check(image, bootOptions(options), { kernels: options.kernel ?? [], all: options.all === true });
    if (!report.keepsEverything) context.status = ExitStatus.Findings;
    if (options.json) await context.io.write(`${JSON.stringify(report)}\n`);
    else
      for (const part of renderCheck(
        report,
        { table: options.all === true || report.kernels.length > 1 },
        context.io,
        styleFor(context.io, options.color),
      ))
        await context.io.write(part);
  });
}

export type CheckReport = ReturnType<typeof check>;
export type CheckKernel = CheckReport["kernels"][number];

/** The report of `check`, as its JSON document (schemas/check.json). */
export function check(image: Image, options: BootOptions, choice: { kernels: readonly string[]; all: boolean }) {
  const surveyed = survey(image, options.size);
  const wanted =
    choice.kernels.length > 0
      ? choice.kernels.map((release) => ({ label: release, kernel: kernelBehaviour(release) }))
      : kernelsFor(image, choice.all);
  const inNanoseconds = image.scratch ? clockCountsNanoseconds(image.scratch.header.values.clock_id) : true;
  const kernels = wanted.map(({ label, kernel }) =>
    kernelReport(label, outcomeOf(surveyed, kernel, options), inNanoseconds),
  );
  return {
    schema: "rbtool/check/1" as const,
    image: { name: image.source.name, size: image.source.size },
    conditions: conditionsReport(surveyed, options),
    readableEvents: kernels[0]?.readableEvents ?? 0,
    keepsEverything: kernels.every(({ summary }) => summary === "keeps-everything"),
    kernels,
  };
}

/** The boot that was simulated. */
export function conditionsReport(surveyed: Survey, options: BootOptions) {
  const conditions = conditionsOf(surveyed, kernelBehaviour(NEWEST_KNOWN), options);
  return {
    cpus: conditions.nrCpus,
    online: [...(conditions.onlineCpus ?? [])],
    size: surveyed.bytes.length,
    pageSize: conditions.pageSize,
    longSize: conditions.abi.longSize,
    byteOrder: conditions.abi.littleEndian ? ("little-endian" as const) : ("big-endian" as const),
    physicalStart: options.phys === undefined ? null : hex(options.phys),
    virtualStart: options.virt === undefined ? null : hex(options.virt),
  };
}

/** One kernel's boot. */
export function kernelReport(label: string, outcome: Outcome, inNanoseconds: boolean) {
  const { kernel, boot } = outcome;
  return {
    kernel: label,
    /** Newer than every release known: the newest behaviour stands in. */
    beyondKnown: kernel.beyondKnown,
    behaviour: kernel.rows.at(-1)!,
    summary: outcome.summary,
    readableEvents: outcome.cpus.reduce((sum, { readable }) => sum + readable, 0),
    keptEvents: outcome.keptEvents,
    droppedEvents: outcome.droppedEvents,
    rewoundPages: outcome.rewoundPages,
    discardedPages: outcome.discardedPages,
    virtualStart: hex(boot.virt),
    messages: boot.messages,
    fault: boot.fault
      ? {
          kind: boot.fault.kind,
          function: boot.fault.function,
          cpu: boot.fault.cpu,
          address: boot.fault.address === null ? null : hex(boot.fault.address),
          message: boot.fault.message,
        }
      : null,
    cpus: outcome.cpus.map((cpu) => ({
      cpu: cpu.cpu,
      verdict: cpu.verdict,
      reason: cpu.reason ?? null,
      online: cpu.online,
      stats: cpu.stats
        ? {
            entries: cpu.stats.entries,
            overrun: cpu.stats.overrun,
            commitOverrun: cpu.stats.commitOverrun,
            bytes: cpu.stats.bytes.toString(),
            oldestEventTs: cpu.stats.oldestEventTs.toString(),
            oldestEventTsText: formatEventTs(cpu.stats.oldestEventTs, inNanoseconds).trim(),
            droppedEvents: cpu.stats.droppedEvents,
            readEvents: cpu.stats.readEvents,
          }
        : null,
      rewound: cpu.rewound,
      discarded: cpu.discarded,
      readable: cpu.readable,
      droppedEvents: cpu.droppedEvents,
      dropped: cpu.dropped.map(({ index, id, offset, events }) => ({ index, id: id ?? null, offset, events })),
    })),
    findings: boot.findings.map((finding) => ({ ...finding })),
    uncertain: [...new Set(boot.uncertain)],
  };
}
