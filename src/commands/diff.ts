import { type Command, Option } from "commander";
import { UsageError } from "../ground/errors.js";
import { ExitStatus } from "../ground/exit-status.js";
import { renderDiff } from "../render/diff.js";
import { renderImageDiff } from "../render/diff-images.js";
import { diffImages } from "../report/diff-images.js";
import { type DiffChoice, diffViews } from "../report/diff-views.js";
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
import { addUserOptions } from "./user-options.js";

interface DiffOptions extends CommonOptions, ImageCommandOptions, DiffChoice {
  readonly exitCode?: true;
}

export function define(command: Command, context: CommandContext): void {
  command
    .description(
      "With one image: the kernel's view against a mapping program's. The same sub-buffers under both numbers, in the " +
        "order in which each side would read them, why the ids are not consecutive, which events a program would get " +
        "in the wrong order, what it would see that the kernel no longer counts, and what the user meta page cannot " +
        "tell it. With two images of the same area (before and after a boot, before and after reading): what changed, " +
        "in the kernel's terms and not in bytes.",
    )
    .argument("[image]", "the raw memory: a file or - (without it, standard input)")
    .argument("[after]", "a later image of the same area");
  addUserOptions(command);
  command
    .addOption(new Option("--pages", "every sub-buffer on a line of its own, instead of runs"))
    .addOption(new Option("--exit-code", "exit 1 when the views, or the images, differ"));
  addImageOptions(command);
  addCommonOptions(command);
  addExamples(command, [
    ["rbtool diff dump.bin", "why are the ids not consecutive, and what would a naive program get wrong?"],
    ["rbtool diff --pages --cpu 0 dump.bin", "the same, sub-buffer by sub-buffer"],
    ["rbtool diff --as-is dump.bin", "before any kernel has booted on it"],
    ["rbtool diff before.bin after.bin", "what did that boot, or that reader, change?"],
    ["rbtool diff --exit-code --json a.bin b.bin | jq '.cpus[].order'", "for a script"],
  ]);
  command.addHelpText("after", "\nExit status: 0; with --exit-code 1 where they differ; 2, 3 as ever.");
  command.action(async (path: string | undefined, after: string | undefined, options: DiffOptions) => {
    if (after === undefined) {
      const report = diffViews(await openImageArgument(path, options, context.io), options);
      if (options.exitCode && report.differs) context.status = ExitStatus.Findings;
      await writeReport(context, options, report, (style) => renderDiff(report, context.io, style));
      return;
    }
    if (options.kernel !== undefined || options.asIs || options.online || options.pages)
      throw new UsageError("two images are compared as they lie: --kernel, --as-is, --online and --pages do not apply");
    if (path === "-" && after === "-") throw new UsageError("only one of two images can come from standard input");
    const [a, b] = [
      await openImageArgument(path, options, context.io),
      await openImageArgument(after, options, context.io),
    ];
    const report = diffImages(a, b, options);
    if (options.exitCode && !report.same) context.status = ExitStatus.Findings;
    await writeReport(context, options, report, (style) => renderImageDiff(report, context.io, style));
  });
}
