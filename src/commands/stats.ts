import { type Command, Option } from "commander";
import { safeJson } from "../ground/safe-text.js";
import type { Image } from "../image/image.js";
import type { Io } from "../io.js";
import { renderStats } from "../render/stats.js";
import { styleFor } from "../render/style.js";
import { stats } from "../report/stats.js";
import { writingKernel } from "../system/writing-kernel.js";
import { openTrace } from "../trace.js";
import {
  addCommonOptions,
  addExamples,
  addImageOptions,
  type CommandContext,
  type CommonOptions,
  chosenCpus,
  type ImageCommandOptions,
  openImageArgument,
} from "./command.js";
import { addChoiceOptions, type ChoiceOptions, choiceSpec, parseCount } from "./trace-choice.js";
import { addContextOptions, type ContextOptions, loadContext } from "./trace-context.js";

interface StatsOptions extends CommonOptions, ImageCommandOptions, ContextOptions, ChoiceOptions {
  readonly top: number;
}

export function define(command: Command, context: CommandContext): void {
  command
    .description(
      "Counts of the events in the image: by kind, by task, by CPU; the time they span, their rate over it, the longest " +
        "silences, and where events were lost.",
    )
    .argument("[image]", "the raw memory: a file or - (without it, standard input)");
  addContextOptions(command);
  addChoiceOptions(command).addOption(
    new Option("--top <n>", "rows of each table").argParser(parseCount("--top")).default(20),
  );
  addImageOptions(command);
  addCommonOptions(command);
  addExamples(command, [
    ["rbtool stats --system build.tar.gz dump.bin", "what kind of trace is this?"],
    ["rbtool stats ... --last 1s dump.bin", "who was busy at the end"],
    ["rbtool stats ... --json dump.bin | jq '.events[0]'", "the most frequent event, for a script"],
  ]);
  command.action(async (path: string | undefined, options: StatsOptions) => {
    const image = await openImageArgument(path, options, context.io);
    await showStats(image, options, context.io);
  });
}

async function showStats(image: Image, options: StatsOptions, io: Io): Promise<void> {
  chosenCpus(image, options.cpu);
  const writer = writingKernel(await loadContext(image, options, io));
  const view = openTrace(image, writer, choiceSpec(options));
  const report = stats(view);
  if (options.json) await io.write(`${safeJson(report)}\n`);
  else await io.write(renderStats(report, options.top, io, styleFor(io, options.color)));
}
