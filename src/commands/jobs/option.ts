import type { OptionSpec } from "../../spec/spec.js";
import { parseCount } from "../trace-choice.js";

export const JOBS_OPTION: OptionSpec = {
  flags: "--jobs <n>",
  about: "how many processors to use for an image of 16 MiB and more; it pays from some 512 MiB on",
  parse: parseCount("--jobs"),
  defaultText: "1",
  completes: "nothing",
};
