import { UsageError } from "../ground/errors.js";
import { ExitStatus } from "../ground/exit-status.js";
import { renderDiff } from "../render/diff.js";
import { renderImageDiff } from "../render/diff-images.js";
import { diffImages } from "../report/diff-images.js";
import { type DiffChoice, diffViews } from "../report/diff-views.js";
import type { CommandSpec, CommonOptions } from "../spec/spec.js";
import { type BootCommandOptions, refuseBootOptions } from "./boot-options.js";
import { IMAGE_ARGUMENT, type ImageCommandOptions, WRITER_CPUS_OPTION, writeReport } from "./command.js";
import { openImageArgument } from "./open-image.js";
import { USER_OPTIONS, viewChoice } from "./user-options.js";

interface DiffOptions extends CommonOptions, ImageCommandOptions, Omit<DiffChoice, "boot">, BootCommandOptions {
  readonly exitCode?: true;
}

export const spec: CommandSpec<DiffOptions> = {
  description:
    "With one image: the kernel's view against a mapping program's. The same sub-buffers under both numbers, in the order " +
    "in which each side would read them, why the ids are not consecutive, which events a program would get in the wrong " +
    "order, what it would see that the kernel no longer counts, and what the user meta page cannot tell it.\n\n" +
    "With two images of the same area (before and after a boot, before and after reading): what changed, in the kernel's " +
    "terms and not in bytes.",
  arguments: [IMAGE_ARGUMENT, { name: "[after]", about: "a later image of the same area", completes: "file" }],
  options: [
    {
      title: "What to compare",
      options: [
        { flags: "--pages", about: "every sub-buffer on a line of its own, instead of runs" },
        {
          flags: "--exit-code",
          about: "exit with 1 if the views, or the images, differ, for scripts",
          findings: "they differ",
        },
      ],
    },
    ...USER_OPTIONS,
    { title: "The image", options: [WRITER_CPUS_OPTION] },
  ],
  examples: [
    ["rbtool diff dump.bin", "why are the ids not consecutive, and what would a naive program get wrong?"],
    ["rbtool diff --pages --cpu 0 dump.bin", "the same, sub-buffer by sub-buffer"],
    ["rbtool diff --as-is dump.bin", "before any kernel has booted on it"],
    ["rbtool diff before.bin after.bin", "what did that boot, or that reader, change?"],
    ["rbtool diff --exit-code --json a.bin b.bin | jq '.cpus[].order'", "for a script"],
  ],
  async run([path, after], options, context) {
    const opened = options.writerCpus === undefined ? {} : { writerCpus: options.writerCpus };
    if (after === undefined) {
      const image = await openImageArgument(path, opened, context);
      const report = diffViews(image, viewChoice(options));
      if (options.exitCode && report.differs) context.status = ExitStatus.Findings;
      await writeReport(context, options, report, (paper) => renderDiff(report, paper));
      return;
    }
    refuseBootOptions(options, "does not apply: two images are compared as they lie");
    if (options.kernel !== undefined || options.asIs || options.pages)
      throw new UsageError("two images are compared as they lie: --kernel, --as-is and --pages do not apply");
    if (path === "-" && after === "-") throw new UsageError("only one of two images can come from standard input");
    const [a, b] = [await openImageArgument(path, opened, context), await openImageArgument(after, opened, context)];
    const report = diffImages(a, b, options);
    if (options.exitCode && !report.same) context.status = ExitStatus.Findings;
    await writeReport(context, options, report, (paper) => renderImageDiff(report, paper));
  },
};
