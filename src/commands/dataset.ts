import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "../ground/errors.js";
import { ExitStatus } from "../ground/exit-status.js";
import { reasonOf } from "../ground/reason.js";
import { type Io, tell } from "../io.js";
import { renderDataset } from "../render/dataset.js";
import { Progress } from "../render/progress.js";
import { type DatasetPart, datasetReport } from "../report/dataset.js";
import type { ExportReport } from "../report/export.js";
import type { CommandContext, CommonOptions } from "../spec/spec.js";
import { writeReport } from "./command.js";
import { bareName } from "./output-file.js";
import { intoFolder } from "./output-folder.js";

/** Says to a process of the pool which image is its own, by number. */
export const PART = "RBTOOL_DATASET_PART";

export interface DatasetOptions extends CommonOptions {
  readonly dataset: string;
  readonly jobs?: number;
  readonly host?: string;
  readonly boot?: string;
}

/** An image's place in a data set. */
export interface Place {
  readonly image: string;
  readonly host: string;
  readonly boot: string;
  readonly path: string;
}

/** Where each image's events go: by default, the machine is the folder that an image lies in, the boot its name. */
export function placesOf(images: readonly string[], { dataset, host, boot }: DatasetOptions): Place[] {
  return images.map((image) => {
    if (image === "-") throw new UsageError("a data set needs files: standard input has no name", "dataset");
    const names = {
      host: host ?? basename(dirname(resolve(image))),
      boot: boot ?? bareName(image),
    };
    const folders = Object.entries(names).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
    return { image, ...names, path: join(dataset, ...folders, "part.parquet") };
  });
}

/** Exports many images, each in a process of its own, so that one that cannot be read costs the others nothing. */
export async function writeDataset(
  images: readonly string[],
  options: DatasetOptions,
  context: CommandContext,
): Promise<void> {
  const { io } = context;
  const places = placesOf(images, options);
  const parts: DatasetPart[] = new Array<DatasetPart>(places.length);
  const waiting = places.map((_, i) => i);
  const progress = new Progress(io, places.length, "images");
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      parts[next] = await partOf(places, next, io);
      progress.reached(++done);
    }
  };
  const jobs = Math.min(options.jobs ?? availableParallelism(), places.length);
  await intoFolder(options.dataset, () => Promise.all(Array.from({ length: jobs }, worker)));
  progress.done();
  const report = datasetReport(options.dataset, parts);
  await writeReport(context, options, report, (paper) => [renderDataset(report, paper)]);
  for (const { image, message } of report.failed) tell(io, `${image}: ${message}`);
  if (report.failed.length > 0) context.status = ExitStatus.Trouble;
}

async function partOf(places: readonly Place[], number: number, io: Io): Promise<DatasetPart> {
  const { image, host, boot, path } = places[number]!;
  const same = places.findIndex((place) => place.path === path);
  const fail = (message: string): DatasetPart => ({ image, host, boot, path, state: "failed", message });
  if (same < number) return fail(`its host and boot are those of ${places[same]!.image}: ${host}, ${boot}`);
  try {
    // It has its name when it is whole, so what is there is done.
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) return { image, host, boot, path, state: "there" };
    const { status, stdout, stderr } = await io.again({ [PART]: String(number) });
    if (status !== 0) return fail(lastLine(stderr, image) ?? `ended with status ${status}`);
    const { events, output, shortfalls } = JSON.parse(stdout) as ExportReport;
    return { image, host, boot, path, state: "written", events, size: output.size, shortfalls };
  } catch (error) {
    return fail(reasonOf(error));
  }
}

/** What it said at last, without the names that stand before. */
function lastLine(text: string, image: string): string | undefined {
  const line = text
    .trimEnd()
    .split("\n")
    .at(-1)!
    .replace(/^rbtool: /, "");
  return line === "" ? undefined : line.startsWith(`${image}: `) ? line.slice(image.length + 2) : line;
}
