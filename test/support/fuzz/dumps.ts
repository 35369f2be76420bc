import { dumpsOf, tryDump } from "../mutations/kinds/dumps.js";
import type { Target } from "./target.js";

/** Dumps of a machine's memory: their headers, and what lies there. */
export const target: Target = {
  corpus: () => dumpsOf(),
  fuzz: (data) => tryDump(data, data.length % 4 === 0),
};
