import { UsageError } from "../ground/errors.js";
import type { Image } from "../image/image.js";
import { laneMargin, renderTimeline, TIMELINE_ROWS, type TimelineRow } from "../render/timeline.js";
import { timeline } from "../report/timeline.js";
import type { CommandContext, CommandSpec, CommonOptions } from "../spec/spec.js";
import { writingKernel } from "../system/writing-kernel.js";
import { openTrace } from "../trace/open.js";
import { IMAGE_ARGUMENT, IMAGE_OPTIONS, type ImageCommandOptions, writeReport } from "./command.js";
import { loadContext } from "./context/load.js";
import { CONTEXT_OPTIONS, type ContextOptions } from "./context/options.js";
import { openImageArgument } from "./open-image.js";
import { parseCount, TIME_OPTIONS, type TimeOptions } from "./trace-choice.js";
import { tellOfChoice } from "./trace-notes.js";

interface TimelineOptions extends CommonOptions, ImageCommandOptions, ContextOptions, TimeOptions {
  readonly rows: readonly TimelineRow[];
  readonly width?: number;
}

/** Where the output has no width of its own. */
const USUAL_WIDTH = 100;
const FEWEST_BINS = 10;
const MOST_BINS = 10_000;

export const spec: CommandSpec<TimelineOptions> = {
  description:
    "What each CPU did over time, one lane per CPU: which task ran, which system call it was in, how much went to " +
    "interrupts. As wide as the terminal.",
  arguments: [IMAGE_ARGUMENT],
  options: [
    {
      title: "What to show",
      options: [
        {
          flags: "--rows <list>",
          about: `rows of each CPU: ${TIMELINE_ROWS.join(",")}`,
          parse: parseRows,
          default: ["task"],
          defaultText: "task",
          completes: "nothing",
        },
        {
          flags: "--width <n>",
          about: "width of a lane in columns, if not the terminal's",
          parse: parseCount("--width"),
        },
      ],
    },
    { title: "Which events", options: TIME_OPTIONS },
    ...CONTEXT_OPTIONS,
    IMAGE_OPTIONS,
  ],
  examples: [
    ["rbtool timeline --system build.tar.gz dump.bin", "the whole trace at a glance"],
    ["rbtool timeline --system build.tar.gz --last 200ms dump.bin", "the end"],
    ["rbtool timeline --system build.tar.gz --rows task,irq,syscall dump.bin", "with interrupts and system calls"],
  ],
  async run([path], options, context) {
    const image = await openImageArgument(path, options, context);
    await showTimeline(image, options, context);
  },
};

function parseRows(text: string): readonly TimelineRow[] {
  return text.split(",").map((name) => {
    const row = TIMELINE_ROWS.find((known) => known === name.trim());
    if (row === undefined) throw new UsageError(`--rows: no row ${name}; there are ${TIMELINE_ROWS.join(", ")}`);
    return row;
  });
}

async function showTimeline(image: Image, options: TimelineOptions, context: CommandContext): Promise<void> {
  const { io } = context;
  const { since, until, last, rows } = options;
  const bins = options.width ?? Math.max(FEWEST_BINS, (io.columns ?? USUAL_WIDTH) - laneMargin(image.layout.nrCpus));
  if (bins < 1 || bins > MOST_BINS) throw new UsageError(`--width: from 1 to ${MOST_BINS} columns`);
  const writer = writingKernel(await loadContext(image, options, io));
  const chosen = openTrace(image, writer, { since, until, last, names: "none" });
  // What came before the window says what was so when it began.
  const report = timeline(openTrace(image, writer, { sure: true, gaps: true, until }), bins, chosen.window);
  await writeReport(context, options, report, (paper) => [renderTimeline(report, rows, paper)]);
  tellOfChoice(io, chosen);
}
