import { statSync } from "node:fs";
import type { Image } from "../../image/image.js";
import type { Io } from "../../io.js";
import { type ContextOptions, contextPaths } from "../context/options.js";
import { helpReading, readTogether, tellReading } from "./reading.js";
import { Team } from "./team.js";

/** In a smaller image a thread more costs more time than it takes off. */
const LARGE = 16 * 1024 * 1024;

export interface JobsOptions {
  readonly jobs?: number;
}

/** What is worked on, and by which command line. */
interface Job {
  readonly path: string | undefined;
  readonly image: Image;
  readonly options: JobsOptions & ContextOptions;
  /** More than the reading can be done by several: in slices. */
  readonly inSlices: boolean;
}

/**
 * Works with other threads, where the image is worth it; alone otherwise, and in those threads. They run the same command line,
 * so all that it names must be there to be read again. All read the image together, and what can be believed of it is judged once.
 */
export async function withTeam(job: Job, io: Io, work: (team: Team | undefined) => Promise<void>): Promise<void> {
  const { image, inSlices } = job;
  if (io.helping !== undefined) {
    await helpReading(image, io.helping);
    return work(undefined);
  }
  if (!isWorthIt(job)) return work(undefined);
  const team = new Team(await io.threads(job.options.jobs! - 1));
  try {
    await readTogether(image, team);
    if (inSlices && team.size > 1) {
      tellReading(image, team);
      return await work(team);
    }
  } finally {
    await team.stop();
  }
  return work(undefined);
}

function isWorthIt({ path, image: { source }, options }: Job): boolean {
  // Each thread compiles what it runs for itself: where nobody asks for more, there is one.
  const { jobs = 1 } = options;
  if (jobs < 2 || source.size < LARGE || path === undefined || source.machine !== undefined) return false;
  return fileSize(path) === source.size && contextPaths(options).every(staysThere);
}

/** Undefined for what is no regular file, whose bytes come once. */
function fileSize(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? found.size : undefined;
}

function staysThere(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined || found.isFile() || found.isDirectory();
}
