import type { OptionSpec } from "../../spec/spec.js";
import { parseCount } from "../trace-choice.js";

export const JOBS_OPTION: OptionSpec = {
  flags: "--jobs <n>",
  about: "how many processors to use for a large image; 1 for one thread",
  parse: parseCount("--jobs"),
  defaultText: "all that are worth it",
  completes: "nothing",
};
