import { type Command, Option } from "commander";
import { ExitStatus } from "../ground/exit-status.js";
import { renderCheck } from "../render/check.js";
import { check } from "../report/check.js";
import { addBootOptions, type BootCommandOptions, bootWishes, parseKernel } from "./boot-options.js";
import {
  addCommonOptions,
  addExamples,
  addImageOptions,
  type CommandContext,
  type CommonOptions,
  type ImageCommandOptions,
  openImageArgument,
  writeReport,
} from "./command.js";

interface CheckOptions extends CommonOptions, ImageCommandOptions, BootCommandOptions {
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
  addImageOptions(command);
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
    "\nExit status: 0 everything is kept; 1 something would be lost, or the kernel would fail, then or when `trace` is read.",
  );
  command.action(async (path: string | undefined, options: CheckOptions) => {
    const kernels = options.kernel ?? [];
    const wishes = bootWishes(options, kernels);
    const image = await openImageArgument(path, options, context.io);
    const report = check(image, wishes, { kernels, all: options.all === true });
    if (!report.keepsEverything || report.fatalRecords.length > 0) context.status = ExitStatus.Findings;
    const table = options.all === true || report.kernels.length > 1;
    await writeReport(context, options, report, (style) => renderCheck(report, { table }, context.io, style));
  });
}
