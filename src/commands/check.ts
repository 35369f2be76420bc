import { ExitStatus } from "../ground/exit-status.js";
import { renderCheck } from "../render/check.js";
import { check } from "../report/check.js";
import type { CommandSpec, CommonOptions } from "../spec/spec.js";
import { BOOT_OPTIONS, type BootCommandOptions } from "./boot-options.js";
import { bootWishes, parseKernel } from "./boot-wishes.js";
import { IMAGE_ARGUMENT, IMAGE_OPTIONS, type ImageCommandOptions, withAnother, writeReport } from "./command.js";
import { statedKernel } from "./context/load.js";
import { FORMATS_OPTIONS, type FormatsOptions } from "./context/options.js";
import { openImageArgument, physicalStart } from "./open-image.js";

interface CheckOptions extends CommonOptions, ImageCommandOptions, BootCommandOptions, FormatsOptions {
  readonly kernel?: string[];
  readonly all?: true;
}

export const spec: CommandSpec<CheckOptions> = {
  description:
    "Predicts what the next boot would make of the memory: that kernel's messages, word for word and in order; for " +
    "each CPU whether it is kept, emptied or reset, and with how many events; the pages rewound and dropped, and why; " +
    "whether the kernel itself would crash. It also says what the kernel would not: which dropped events could still be read. " +
    "Without --kernel, the versions that the layout allows are compared.",
  arguments: [IMAGE_ARGUMENT],
  options: [
    {
      title: "Which kernels",
      options: [
        {
          flags: "-k, --kernel <version>",
          about:
            "a version from 6.12 on, like 6.12.107, 7.3 (its newest release known) or a whole uname -r; may be repeated",
          parse: (text: string, before: unknown) => withAnother(parseKernel(text), before),
        },
        {
          flags: "--all",
          about: "every distinct kernel behaviour known, as a table, including those of other layouts",
          conflicts: ["kernel"],
        },
      ],
    },
    BOOT_OPTIONS,
    FORMATS_OPTIONS,
    IMAGE_OPTIONS,
  ],
  examples: [
    ["rbtool check --kernel 7.3.4 dump.bin", "would that kernel keep everything?"],
    ["rbtool check dump.bin", "which kernels would keep how much?"],
    ["rbtool check --system build.tar.gz dump.bin", "would any record crash the kernel when `trace` is read?"],
    ["rbtool check --all dump.bin", "the same for every behaviour known, as a table"],
    ["rbtool check -k $(uname -r) --boot-cpus 8 dump.bin", "this kernel, on a machine with 8 CPUs"],
    ["rbtool check -k 7.3 --json dump.bin | jq -r '.kernels[0].summary'", "for a script"],
    [
      "rbtool check -k 7.3.4 dump.bin; case $? in 0) ;; 1) echo 'would lose events';; *) echo 'not checked';; esac",
      "in CI: a misspelt file name does not count as a loss",
    ],
  ],
  exits: {
    0: "everything is kept",
    1: "something would be lost, or the kernel would fail, then or when `trace` is read",
  },
  async run([path], options, context) {
    const kernels = options.kernel ?? [];
    const wishes = bootWishes(options, kernels);
    const image = await openImageArgument(path, options, context);
    const report = check(
      image,
      { ...wishes, ...physicalStart(image, options.phys) },
      { kernels, all: options.all === true },
      await statedKernel(image, options, context.io),
    );
    if (!report.keepsEverything || report.fatalRecords.length > 0) context.status = ExitStatus.Findings;
    const table = options.all === true || report.kernels.length > 1;
    await writeReport(context, options, report, (paper) => renderCheck(report, { table }, paper));
  },
};
