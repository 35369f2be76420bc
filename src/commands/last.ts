import type { Image } from "../image/image.js";
import { renderLast } from "../render/last.js";
import { last } from "../report/last.js";
import type { CommandContext, CommandSpec, CommonOptions } from "../spec/spec.js";
import { writingKernel } from "../system/writing-kernel.js";
import { openTrace } from "../trace/open.js";
import { IMAGE_ARGUMENT, IMAGE_OPTIONS, type ImageCommandOptions, writeReport } from "./command.js";
import { loadContext } from "./context/load.js";
import { CONTEXT_OPTIONS, type ContextOptions } from "./context/options.js";
import { openImageArgument } from "./open-image.js";
import { parseCount } from "./trace-choice.js";
import { tellIfNoFormats } from "./trace-notes.js";

interface LastOptions extends CommonOptions, ImageCommandOptions, ContextOptions {
  readonly number: number;
}

export const spec: CommandSpec<LastOptions> = {
  description:
    "What the machine was doing when it died. Line one is the answer; then each CPU (what it ran and since when, what it " +
    "was in, its last events), who waited and who slept in D, how long interrupts were off, what changed in the last " +
    "second. Each statement has its evidence: the CPU, the time and the offset of an event.",
  arguments: [IMAGE_ARGUMENT],
  options: [
    {
      title: "What to show",
      options: [
        { flags: "-n, --number <n>", about: "last events of each CPU", parse: parseCount("--number"), default: 3 },
      ],
    },
    ...CONTEXT_OPTIONS,
    IMAGE_OPTIONS,
  ],
  examples: [
    ["rbtool last --system build.tar.gz dump.bin", "who fell silent, who spun, who hung?"],
    ["rbtool last --system build.tar.gz -n 20 dump.bin", "more of each CPU's last events"],
    ["rbtool last --system build.tar.gz --json dump.bin | jq -r .answer", "the answer alone, for a script"],
  ],
  async run([path], options, context) {
    const image = await openImageArgument(path, options, context);
    await showLast(image, options, context);
  },
};

async function showLast(image: Image, options: LastOptions, context: CommandContext): Promise<void> {
  const writer = writingKernel(await loadContext(image, options, context.io));
  // What is in doubt may say what never was.
  const report = last(openTrace(image, writer, { sure: true, gaps: true }), options.number);
  await writeReport(context, options, report, (paper) => [renderLast(report, paper)]);
  tellIfNoFormats(context.io, writer);
}
