import type { Image } from "../image/image.js";
import type { Io } from "../io.js";
import { renderStats } from "../render/stats.js";
import { stats } from "../report/stats.js";
import type { CommandSpec, CommonOptions } from "../spec/spec.js";
import { writingKernel } from "../system/writing-kernel.js";
import { openTrace } from "../trace/open.js";
import { chosenCpus, IMAGE_ARGUMENT, IMAGE_OPTIONS, type ImageCommandOptions, writeReport } from "./command.js";
import { loadContext } from "./context/load.js";
import { CONTEXT_OPTIONS, type ContextOptions } from "./context/options.js";
import { countTrace } from "./jobs/count.js";
import { JOBS_OPTION } from "./jobs/option.js";
import type { Team } from "./jobs/team.js";
import { type JobsOptions, withTeam } from "./jobs/with-team.js";
import { openImageArgument } from "./open-image.js";
import { CHOICE_OPTIONS, type ChoiceOptions, choiceSpec, parseCount } from "./trace-choice.js";
import { tellOfChoice } from "./trace-notes.js";

interface StatsOptions extends CommonOptions, ImageCommandOptions, ContextOptions, ChoiceOptions, JobsOptions {
  readonly top: number;
}

export const spec: CommandSpec<StatsOptions> = {
  description:
    "Counts the events in the image by kind, task and CPU; shows the time they span, their rate, the longest silences, and " +
    "where events were lost.",
  arguments: [IMAGE_ARGUMENT],
  options: [
    {
      title: "What to show",
      options: [
        { flags: "--top <n>", about: "rows of each table; JSON has all", parse: parseCount("--top"), default: 20 },
        JOBS_OPTION,
      ],
    },
    ...CHOICE_OPTIONS,
    ...CONTEXT_OPTIONS,
    IMAGE_OPTIONS,
  ],
  examples: [
    ["rbtool stats --system build.tar.gz dump.bin", "what kind of trace is this?"],
    ["rbtool stats --system build.tar.gz --last 1s dump.bin", "who was busy at the end?"],
    ["rbtool stats --system build.tar.gz --json dump.bin | jq '.events[0]'", "the most frequent event, for a script"],
  ],
  async run([path], options, context) {
    const image = await openImageArgument(path, options, context);
    await withTeam({ path, image, options, inSlices: true }, context.io, (team) =>
      showStats(image, options, context.io, team),
    );
  },
};

async function showStats(image: Image, options: StatsOptions, io: Io, team: Team | undefined): Promise<void> {
  chosenCpus(image, options.cpu);
  const writer = writingKernel(await loadContext(image, options, io));
  const view = openTrace(image, writer, { ...choiceSpec(options), gaps: true });
  const report = stats(view, await countTrace(view, team, io));
  await writeReport({ io }, options, report, (paper) => [renderStats(report, options.top, paper)]);
  tellOfChoice(io, view);
}
