import { type Command, Option } from "commander";
import { UsageError } from "../ground/errors.js";
import { ExitStatus } from "../ground/exit-status.js";
import { safeJson } from "../ground/safe-text.js";
import { renderRecover } from "../render/recover.js";
import { styleFor } from "../render/style.js";
import { recoverImage, salvageImage } from "../report/recover.js";
import { addBootOptions, type BootCommandOptions, bootWishes, parseKernel } from "./boot-options.js";
import {
  addCommonOptions,
  addExamples,
  addImageOptions,
  type CommandContext,
  type CommonOptions,
  type ImageCommandOptions,
  openImageArgument,
} from "./command.js";
import { refuseInput, writeAtomically } from "./output-file.js";

interface RecoverOptions extends CommonOptions, ImageCommandOptions, BootCommandOptions {
  readonly kernel?: string;
  readonly output: string;
  readonly salvage?: true;
  readonly markLosses?: true;
}

export function define(command: Command, context: CommandContext): void {
  command
    .description(
      "Write the area exactly as the next boot of a kernel would leave it: pages rewound, buffers[] renumbered, addresses " +
        "moved, CPUs reset, pages dropped. Or, with --salvage, the best image that can be made of it for other tools: " +
        "everything valid in time order, damaged pages cut at the last good record, consumed pages brought back. The " +
        "input is never written.",
    )
    .argument("[image]", "the raw memory: a file or - (without it, standard input)")
    .addOption(
      new Option(
        "-k, --kernel <version>",
        "the kernel that boots: a version from 6.12 on, or a whole uname -r",
      ).argParser(parseKernel),
    )
    .requiredOption(
      "-o, --output <file>",
      "where to write; - for standard output (the report then goes to standard error)",
    )
    .addOption(new Option("--salvage", "no kernel's way, but the most that can be read").conflicts("kernel"))
    .addOption(
      new Option(
        "--mark-losses",
        "with --salvage: set RB_MISSED_EVENTS where events are lost; readers of pages show it, but no kernel takes such a page over",
      ),
    );
  addBootOptions(command);
  addImageOptions(command);
  addCommonOptions(command);
  addExamples(command, [
    ["rbtool recover --kernel 7.3.4 -o after.bin dump.bin", "the area as that boot leaves it"],
    ["rbtool recover -k 6.18 --virt 0xffff88817ff46000 -o after.bin dump.bin", "the same at another address"],
    ["rbtool recover --salvage -o best.bin dump.bin", "everything that can be read"],
    ["rbtool recover --salvage -o - dump.bin.gz | rbtool inspect", "in a pipe"],
    [
      "rbtool recover --salvage --json -o best.bin dump.bin | jq '.cpus[].pages[] | select(.kept)'",
      "why each page is there",
    ],
  ]);
  command.addHelpText(
    "after",
    "\nExit status: 0 written; 1 written, but the image is cut short and zeros stand for what is missing; or the kernel " +
      "would\ncrash on this image, and nothing was written.",
  );
  command.action(async (path: string | undefined, options: RecoverOptions) => {
    if (options.kernel === undefined && !options.salvage)
      throw new UsageError("say whose way: --kernel VERSION, or --salvage");
    if (options.markLosses && !options.salvage) throw new UsageError("--mark-losses goes with --salvage");
    const wishes = bootWishes(options, options.kernel === undefined ? [] : [options.kernel]);
    if (options.output !== "-") refuseInput(options.output, path);
    const image = await openImageArgument(path, options, context.io);
    const { report, bytes } = options.salvage
      ? salvageImage(image, wishes, options.output, options.markLosses === true)
      : recoverImage(image, wishes, options.output, options.kernel!);
    if (bytes && options.output === "-") await context.io.write(bytes);
    else if (bytes) writeAtomically(options.output, bytes);
    if (!bytes || report.cut) context.status = ExitStatus.Findings;
    const text = options.json
      ? `${safeJson(report)}\n`
      : [...renderRecover(report, context.io, styleFor(context.io, options.color))].join("");
    if (options.output === "-") context.io.note(text);
    else await context.io.write(text);
  });
}
