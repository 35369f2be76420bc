import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { Image } from "../image/image.js";
import { tell } from "../io.js";
import { renderPage } from "../render/html/page.js";
import { dossier } from "../report/dossier.js";
import type { CommandContext, CommandSpec } from "../spec/spec.js";
import { writingKernel } from "../system/writing-kernel.js";
import { openTrace } from "../trace/open.js";
import { IMAGE_ARGUMENT, IMAGE_OPTIONS, type ImageCommandOptions } from "./command.js";
import { loadContext } from "./context/load.js";
import { CONTEXT_OPTIONS_WRITING, type ContextOptions, contextPaths } from "./context/options.js";
import { openImageArgument } from "./open-image.js";
import { refuseExisting, refuseInputs, writeAtomically } from "./output-file.js";
import { type ChoiceOptions, EVENT_OPTION, TIME_OPTIONS } from "./trace-choice.js";
import { tellOfChoice } from "./trace-notes.js";

interface ReportOptions
  extends ImageCommandOptions,
    ContextOptions,
    Pick<ChoiceOptions, "since" | "until" | "last" | "event"> {
  readonly output: string;
}

export const spec: CommandSpec<ReportOptions> = {
  description:
    "Writes one HTML file to mail: the answer of `last`, lanes that zoom and show the event under the pointer, the ring of each CPU, " +
    "buffers[] against memory, what the next boot would keep, findings with their bytes, the tables of `latency`, and how it " +
    "was made. It makes no network requests; without JavaScript, everything but the lanes can still be read.",
  plain: true,
  arguments: [IMAGE_ARGUMENT],
  options: [
    {
      title: "What to write",
      options: [
        {
          flags: "-o, --output <file>",
          about: "the file to write; - for standard output",
          required: true,
          completes: "file",
        },
      ],
    },
    { title: "Which events are drawn and measured", options: [EVENT_OPTION, ...TIME_OPTIONS] },
    ...CONTEXT_OPTIONS_WRITING,
    IMAGE_OPTIONS,
  ],
  examples: [
    ["rbtool report --system build.tar.gz dump.bin -o report.html", "all of it"],
    ["rbtool report --system build.tar.gz --last 2s dump.bin -o end.html", "lanes and tables of the end alone"],
  ],
  async run([path], options, context) {
    const image = await openImageArgument(path, options, context);
    await writeReportPage(image, path, options, context);
  },
};

async function writeReportPage(
  image: Image,
  path: string | undefined,
  options: ReportOptions,
  context: CommandContext,
): Promise<void> {
  const { output, since, until, last, event } = options;
  const toFile = output !== "-";
  if (toFile) {
    refuseInputs(output, [path, ...contextPaths(options)]);
    refuseExisting(output, options);
  }
  const writer = writingKernel(await loadContext(image, options, context.io));
  const trace = openTrace(image, writer, { sure: true, gaps: true });
  const bounded = since ?? until ?? last ?? event;
  const chosen =
    bounded === undefined
      ? trace
      : openTrace(image, writer, { sure: true, gaps: true, since, until, last, events: event });
  const page = renderPage(dossier({ trace, chosen, making: { options: optionsText(options), sha256: hashOf(image) } }));
  if (toFile) {
    const bytes = Buffer.from(page, "utf8");
    await writeAtomically(output, [bytes]);
    tell(context.io, `${resolve(output)}: ${bytes.length} bytes`);
  } else await context.io.write(page);
  tellOfChoice(context.io, chosen);
}

/** The options that shaped the page, as they were given. */
function optionsText(options: ReportOptions): string[] {
  return Object.entries(options)
    .filter(([name]) => name !== "output")
    .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(",") : String(value)}`);
}

function hashOf({ source }: Image): string {
  const hash = createHash("sha256");
  for (const piece of source.stream(0, source.size)) hash.update(piece);
  return hash.digest("hex");
}
