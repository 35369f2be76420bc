import { dirname } from "node:path";
import type { ExportFormat } from "../export/format.js";
import { EXPORT_FORMATS, exportFormat } from "../export/registry.js";
import type { Sink } from "../export/sink.js";
import { InputError, UsageError } from "../ground/errors.js";
import { latin1 } from "../ground/latin1.js";
import { safeByteLines, safeJson } from "../ground/safe-text.js";
import type { Image } from "../image/image.js";
import { type Io, tell } from "../io.js";
import { renderExport } from "../render/export.js";
import { paperFor } from "../render/paper.js";
import { Progress } from "../render/progress.js";
import { exportReport } from "../report/export.js";
import type { CommandContext, CommandSpec, CommonOptions } from "../spec/spec.js";
import { writingKernel } from "../system/writing-kernel.js";
import { openTrace } from "../trace/open.js";
import { chosenCpus, IMAGE_ARGUMENT, IMAGE_OPTIONS, type ImageCommandOptions } from "./command.js";
import { loadContext } from "./context/load.js";
import { CONTEXT_OPTIONS_WRITING, type ContextOptions, contextPaths } from "./context/options.js";
import type { DatasetOptions } from "./dataset.js";
import { parseJobs } from "./jobs/option.js";
import { Watch } from "./jobs/seen.js";
import type { Team } from "./jobs/team.js";
import { type JobsOptions, withTeam } from "./jobs/with-team.js";
import { type Told, type Writing, writeTrace } from "./jobs/write.js";
import { openImageArgument } from "./open-image.js";
import { bareName, OutputFile, refuseExisting, refuseInputs } from "./output-file.js";
import { intoFolder } from "./output-folder.js";
import { CHOICE_OPTIONS, type ChoiceOptions, choiceSpec } from "./trace-choice.js";
import { tellOfTrace } from "./trace-notes.js";

interface ExportOptions extends CommonOptions, ImageCommandOptions, ContextOptions, ChoiceOptions, JobsOptions {
  readonly to: ExportFormat;
  readonly output?: string;
  readonly dataset?: string;
  readonly host?: string;
  readonly boot?: string;
}

export const spec: CommandSpec<ExportOptions> = {
  description:
    "Writes the events in the format of another program. What the format cannot hold is reported on standard error, with " +
    "counts. The file gets its name only when it is whole. With --dataset, many images become one table in a folder, a file an " +
    "image (host=.../boot=.../part.parquet): what is there already stays, and what failed is listed.",
  arguments: [{ ...IMAGE_ARGUMENT, name: "[image...]" }],
  options: [
    {
      title: "What to write",
      options: [
        {
          flags: "--to <format>",
          about: EXPORT_FORMATS.map(({ name }) => name).join(", "),
          parse: exportFormat,
          required: true,
        },
        {
          flags: "-o, --output <file>",
          about: "where to write; - for standard output",
          defaultText: "named after the image, in this directory",
          completes: "file",
        },
        {
          flags: "--host <name>",
          about: "the host that the image came from: a column of parquet and arrow",
          defaultText: "in a data set, the image's folder",
          completes: "nothing",
        },
        {
          flags: "--boot <name>",
          about: "the boot that wrote the image: a column of parquet and arrow",
          defaultText: "in a data set, the image's name",
          completes: "nothing",
        },
        {
          flags: "--dataset <folder>",
          about: "parquet of many images, as one partitioned table",
          conflicts: ["output"],
          completes: "directory",
        },
        {
          flags: "--jobs <n>",
          about:
            "how many processors to use: to read a large image, and to write it as text, csv, ndjson, parquet, arrow or perfetto; or for images of a data set, one each",
          parse: parseJobs,
          defaultText: "1; for a data set, all",
          completes: "nothing",
        },
      ],
    },
    ...CHOICE_OPTIONS,
    ...CONTEXT_OPTIONS_WRITING,
    IMAGE_OPTIONS,
  ],
  tables: [{ title: "Formats", rows: EXPORT_FORMATS.map(({ name, about }) => [name, about] as const) }],
  examples: [
    ["rbtool export --to trace.dat --system build.tar.gz dump.bin", "writes dump.dat, for trace-cmd and KernelShark"],
    ["rbtool export --to csv --system build.tar.gz dump.bin", "writes dump.csv"],
    [
      "rbtool export --to parquet --dataset table --system build.tar.gz crashes/*/*.bin",
      "a table of a fleet: docs/fleet.md",
    ],
    ["rbtool export --to ndjson --system build.tar.gz -o - dump.bin | jq -r .event | sort | uniq -c", "in a pipe"],
  ],
  async run(paths, options, context) {
    const { dataset } = options;
    if (dataset !== undefined) {
      if (options.to.name !== "parquet") throw new UsageError("a data set is written as parquet only", "dataset");
      return exportDataset(paths, { ...options, dataset }, context);
    }
    if (paths.length > 1) throw new UsageError("to make one table of several images, add --dataset FOLDER");
    const [path] = paths;
    const output = options.output ?? defaultName(path, options.to);
    if (output === "-") refuseTerminal(options, context.io);
    else {
      refuseInputs(output, [path, ...contextPaths(options)]);
      refuseExisting(output, options);
    }
    const image = await openImageArgument(path, options, context);
    await withTeam({ path, image, options, inSlices: options.to.parts !== undefined }, context.io, (team) =>
      exportImage(image, options, output, { io: context.io, team }),
    );
  },
};

/** All images, or in a process of the pool the one that is its own. */
async function exportDataset(
  paths: readonly string[],
  options: ExportOptions & DatasetOptions,
  context: CommandContext,
): Promise<void> {
  if (paths.length === 0) throw new UsageError("a data set needs images: name at least one", "dataset");
  const { placesOf, PART, writeDataset } = await import("./dataset.js");
  const part = context.io.env[PART];
  if (part === undefined) return writeDataset(paths, options, context);
  const { image, host, boot, path } = placesOf(paths, options)[Number(part)]!;
  refuseInputs(path, [image, ...contextPaths(options)]);
  const opened = await openImageArgument(image, options, context);
  const written = { ...options, host, boot, json: true as const };
  await intoFolder(dirname(path), () => exportImage(opened, written, path, { io: context.io, team: undefined }));
}

/** What comes from a pipe has no name. */
function defaultName(path: string | undefined, { extension }: ExportFormat): string {
  return `${path === undefined || path === "-" ? "trace" : bareName(path)}.${extension}`;
}

function refuseTerminal({ to, json }: ExportOptions, io: Io): void {
  if (json)
    throw new UsageError(
      "the export itself goes to standard output, which leaves no room for --json: name a file with -o",
    );
  if (io.stdoutIsTerminal && !to.text) throw new UsageError(`${to.name} is binary: name a file, or pipe it`);
}

interface Means {
  readonly io: Io;
  readonly team: Team | undefined;
}

async function exportImage(image: Image, options: ExportOptions, output: string, { io, team }: Means): Promise<void> {
  chosenCpus(image, options.cpu);
  const { to } = options;
  const loaded = await loadContext(image, options, io);
  if (to.needs === "formats" && loaded.formats.size === 0)
    throw new InputError(`${to.name} needs the event formats: name them with --system or --events`);
  const watch = new Watch(loaded.formats.problems);
  const view = openTrace(image, writingKernel(loaded), choiceSpec(options));
  const write = await writerOf({ view, watch }, options, { io, team });
  if (io.helping !== undefined) return void (await write({ write: async () => {} }));
  const progress = new Progress(io, view.entries(), "events");
  const { exported, size } =
    output === "-"
      ? await toStandardOutput(write, io)
      : await toFile(write, output, {
          reached: (events) => progress.reached(events),
          // What of a data set is there counts as done.
          flushed: options.dataset !== undefined,
        });
  progress.done();
  const report = exportReport(image, to, { name: output, size }, exported);
  if (output !== "-") {
    if (options.json) await io.write(`${safeJson(report)}\n`);
    else for (const part of renderExport(report, paperFor(io, options))) await io.write(part);
  }
  for (const { what, count } of report.shortfalls) tell(io, `${to.name} cannot hold: ${what} (${count})`);
  tellOfTrace(io, view, exported.seen);
}

/** What writes the trace to a sink: with threads, where the format can be made of slices. */
async function writerOf({ view, watch }: Omit<Writing, "parts">, options: ExportOptions, means: Means): Promise<Write> {
  const { to, host, boot } = options;
  const partsOf = await to.parts?.();
  if (partsOf !== undefined) {
    const parts = partsOf(view, { host, boot });
    return (sink) => writeTrace({ view, parts, watch }, { sink, ...means });
  }
  const write = await to.load();
  return async (sink) => ({ ...(await write(view, sink, { host, boot })), seen: watch.news(view) });
}

interface Written {
  readonly exported: Told;
  readonly size: number;
}

type Write = (sink: Sink) => Promise<Told>;

async function toStandardOutput(write: Write, io: Io): Promise<Written> {
  let size = 0;
  const exported = await write({
    write: async (bytes) => {
      size += bytes.length;
      // What a terminal shows is text, one character a byte.
      await io.write(io.stdoutIsTerminal ? Buffer.from(safeByteLines(latin1(bytes)), "latin1") : bytes);
    },
  });
  return { exported, size };
}

async function toFile(
  write: Write,
  path: string,
  { reached, flushed }: { readonly reached: (events: number) => void; readonly flushed: boolean },
): Promise<Written> {
  const file = await OutputFile.create(path);
  try {
    const exported = await write({
      write: async (bytes, events) => {
        await file.write(bytes);
        reached(events);
      },
    });
    await file.close({ flushed });
    file.takeName();
    return { exported, size: file.size };
  } catch (error) {
    await file.abandon();
    throw error;
  }
}
