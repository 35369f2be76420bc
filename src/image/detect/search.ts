import type { ChosenNumbers } from "./chosen.js";
import type { PageEvidence } from "./contents.js";
import type { Probed } from "./probes.js";

/** What every way of looking is given. */
export interface Search {
  readonly source: Probed;
  /** The input's first bytes: the global header. */
  readonly start: Uint8Array;
  /** The number of CPUs, where it is known. */
  readonly writerCpus: number | undefined;
  readonly pages: PageEvidence;
  readonly chosen: ChosenNumbers;
}

/** Without any sign in the header, areas of more CPUs than this are not searched for: a dump of noise must end soon. */
export const MAX_CPUS_UNSIGNED = 256;
