import { UsageError } from "../ground/errors.js";
import { ExitStatus } from "../ground/exit-status.js";
import type { Image } from "../image/image.js";
import { tell } from "../io.js";
import { renderInspect } from "../render/inspect.js";
import { Progress } from "../render/progress.js";
import { type InspectOptions, inspect } from "../report/inspect.js";
import type { CommandContext, CommandSpec, CommonOptions } from "../spec/spec.js";
import { type BootCommandOptions, bootConditions, refuseBootOptions } from "./boot-options.js";
import {
  CPU_OPTION,
  IMAGE_ARGUMENT,
  IMAGE_OPTIONS,
  type ImageCommandOptions,
  parseAddress,
  parserOf,
  writeReport,
} from "./command.js";
import { openImageArgument, physicalStart } from "./open-image.js";

interface Options extends CommonOptions, ImageCommandOptions, InspectOptions, BootCommandOptions {
  readonly asKernel?: true;
  readonly kernel?: string;
}

export const spec: CommandSpec<Options> = {
  description:
    "Shows everything the writer left in a persistent trace buffer: the layout and the kernels that write it, the boot " +
    "meta, the scratch, and for each CPU its reader, head and commit pages, its records, times and losses. Nothing is " +
    "thrown away: damage is reported with its offset, and the rest is read.",
  arguments: [IMAGE_ARGUMENT],
  options: [
    {
      title: "What to show",
      options: [
        CPU_OPTION,
        { flags: "--pages", about: "list every sub-buffer in the kernel's order" },
        {
          flags: "--phys <addr>",
          about: "where the area began in physical memory: adds the physical address of everything",
          parse: parserOf("phys", parseAddress),
        },
      ],
    },
    {
      title: "As the kernel shows it",
      options: [
        {
          flags: "--as-kernel",
          about:
            "per_cpu/cpuN/buffer_meta and stats, byte for byte as a kernel shows them after booting on it; <...> stands for " +
            "the clock at that moment (`now ts`)",
          findings: "that kernel makes no instance, or fails: it has no such files",
        },
        {
          flags: "-k, --kernel <version>",
          about: "with --as-kernel: which kernel",
          defaultText: "the one that a dump names, else the newest that could have written it",
        },
      ],
    },
    bootConditions("The boot of --as-kernel"),
    IMAGE_OPTIONS,
  ],
  examples: [
    ["rbtool inspect dump.bin", "what is in there?"],
    ["rbtool inspect --pages --cpu 0 dump.bin", "CPU 0, sub-buffer by sub-buffer"],
    ["rbtool inspect --phys 0x17ff46000 dump.bin", "with physical addresses"],
    ["rbtool inspect --as-kernel -k 7.3.4 --cpu 0 dump.bin", "the kernel's own files of CPU 0"],
    ["zstdcat dump.zst | rbtool inspect --json | jq '.cpus[].events'", "events of each CPU, for a script"],
    [
      "rbtool inspect --exit-code dump.bin >/dev/null; case $? in 0) ;; 1) echo damaged;; *) echo 'not read';; esac",
      "in CI",
    ],
  ],
  async run([path], options, context) {
    checkOptions(options);
    const image = await openImageArgument(path, options, context);
    if (options.asKernel) return showKernelFiles(image, options, context);
    const progress = new Progress(context.io, image.layout.nrCpus * image.layout.geometry.nrSubbufs);
    const report = inspect(image, {
      ...options,
      ...physicalStart(image, options.phys),
      onSubbuf: () => progress.step(),
    });
    progress.done();
    await writeReport(context, options, report, (paper) => renderInspect(report, paper));
  },
};

function checkOptions(options: Options): void {
  const { asKernel, kernel, pages, phys } = options;
  if (!asKernel) refuseBootOptions(options, "needs --as-kernel");
  if (!asKernel && kernel !== undefined) throw new UsageError("--kernel needs --as-kernel");
  if (asKernel && (pages || phys !== undefined))
    throw new UsageError("--as-kernel shows the kernel's files only: not with --pages or --phys");
}

/** Simulating a boot takes much code: it is loaded for who asks. */
async function showKernelFiles(image: Image, options: Options, context: CommandContext): Promise<void> {
  const { bootWishes } = await import("./boot-wishes.js");
  const { kernelFiles } = await import("../report/kernel-files.js");
  const { renderKernelFiles } = await import("../render/kernel-files.js");
  const boot = bootWishes(options, options.kernel === undefined ? [] : [options.kernel]);
  const { report, lacking } = kernelFiles(image, { ...options, boot });
  if (lacking) context.status = ExitStatus.Findings;
  const { kernel, notes } = report;
  if (kernel.assumed) tell(context.io, `as kernel ${kernel.release}: ${kernel.why}`);
  for (const note of notes) tell(context.io, note);
  await writeReport(context, options, report, () => [renderKernelFiles(report)]);
}
