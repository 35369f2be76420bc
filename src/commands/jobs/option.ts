import { UsageError } from "../../ground/errors.js";
import type { OptionSpec } from "../../spec/spec.js";
import { parseCount } from "../trace-choice.js";

/** None would do nothing, and say that all is well. */
export function parseJobs(text: string): number {
  const jobs = parseCount("--jobs")(text);
  if (jobs === 0) throw new UsageError("--jobs 0: at least one has to do the work");
  return jobs;
}

export const JOBS_OPTION: OptionSpec = {
  flags: "--jobs <n>",
  about: "how many processors to use for an image of 16 MiB and more; it pays from some 512 MiB on",
  parse: parseJobs,
  defaultText: "1",
  completes: "nothing",
};
