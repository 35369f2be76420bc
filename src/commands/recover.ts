import { UsageError } from "../ground/errors.js";
import { ExitStatus } from "../ground/exit-status.js";
import { renderRecover } from "../render/recover.js";
import { recoverImage, salvageImage } from "../report/recover.js";
import type { CommandSpec, CommonOptions } from "../spec/spec.js";
import { BOOT_OPTIONS, type BootCommandOptions } from "./boot-options.js";
import { bootWishes, parseKernel } from "./boot-wishes.js";
import { IMAGE_ARGUMENT, IMAGE_OPTIONS, type ImageCommandOptions, OVERWRITE_OPTION, reportParts } from "./command.js";
import { openImageArgument } from "./open-image.js";
import { refuseExisting, refuseInputs, writeAtomically } from "./output-file.js";

interface RecoverOptions extends CommonOptions, ImageCommandOptions, BootCommandOptions {
  readonly kernel?: string;
  readonly output: string;
  readonly salvage?: true;
  readonly markLosses?: true;
  readonly force?: true;
}

export const spec: CommandSpec<RecoverOptions> = {
  description:
    "Writes the area exactly as the next boot of a kernel would leave it: pages rewound, buffers[] renumbered, addresses " +
    "moved, CPUs reset, pages dropped. Or, with --salvage, the best image that can be made of it for other tools: " +
    "everything valid in time order, damaged pages cut at the last good record, consumed pages brought back. The input is " +
    "never written.",
  arguments: [IMAGE_ARGUMENT],
  options: [
    {
      title: "What to write",
      options: [
        {
          flags: "-k, --kernel <version>",
          about: "as this kernel's boot leaves it: a version from 6.12 on, or a whole uname -r",
          parse: parseKernel,
        },
        {
          flags: "--salvage",
          about: "not as any kernel would leave it, but with as much as can be read",
          conflicts: ["kernel"],
        },
        {
          flags: "-o, --output <file>",
          about: "where to write; - for standard output (the report then goes to standard error)",
          required: true,
          completes: "file",
        },
        OVERWRITE_OPTION,
        {
          flags: "--mark-losses",
          about:
            "with --salvage: set RB_MISSED_EVENTS where events are lost; page readers show it, but no kernel accepts " +
            "such a page",
        },
      ],
    },
    BOOT_OPTIONS,
    IMAGE_OPTIONS,
  ],
  examples: [
    ["rbtool recover --kernel 7.3.4 -o after.bin dump.bin", "the area as that boot leaves it"],
    ["rbtool recover -k 6.18 --virt 0xffff88817ff46000 -o after.bin dump.bin", "the same at another address"],
    ["rbtool recover --salvage -o best.bin dump.bin", "everything that can be read"],
    ["rbtool recover --salvage -o - dump.bin.gz | rbtool inspect", "in a pipe"],
    [
      "rbtool recover --salvage --json -o best.bin dump.bin | jq '.cpus[].pages[] | select(.kept)'",
      "why each page is there",
    ],
  ],
  exits: {
    0: "written",
    1: "written, but the image is cut short and zeros stand for what is missing; or the kernel would crash on this image, and nothing was written",
  },
  async run([path], options, context) {
    if (options.kernel === undefined && !options.salvage)
      throw new UsageError(
        "which image: as a kernel's boot leaves it (--kernel VERSION), or the most that can be read (--salvage)?",
      );
    if (options.markLosses && !options.salvage) throw new UsageError("--mark-losses needs --salvage");
    const wishes = bootWishes(options, options.kernel === undefined ? [] : [options.kernel]);
    if (options.output !== "-") {
      refuseInputs(options.output, [path]);
      refuseExisting(options.output, options);
    }
    if (options.output === "-" && context.io.stdoutIsTerminal)
      throw new UsageError("an image is binary: name a file, or pipe it");
    const image = await openImageArgument(path, options, context);
    const { report, area } = options.salvage
      ? salvageImage(image, wishes, options.output, options.markLosses === true)
      : recoverImage(image, wishes, options.output, options.kernel!);
    if (area && options.output === "-") for (const piece of area.pieces()) await context.io.write(piece);
    else if (area) await writeAtomically(options.output, area.pieces());
    if (!area || report.cut) context.status = ExitStatus.Findings;
    for (const part of await reportParts(context, options, report, (paper) => renderRecover(report, paper))) {
      if (options.output === "-") context.io.note(part);
      else await context.io.write(part);
    }
  },
};
