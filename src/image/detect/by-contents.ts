import { MAX_CPUS } from "../../ground/limits.js";
import { chosenGeometries } from "./chosen.js";
import { BuffersEvidence } from "./contents.js";
import { MOST_USUAL, usualPoints } from "./judge.js";
import type { Layout, LayoutKind } from "./layout-kinds.js";
import { MAX_CPUS_UNSIGNED, type Search } from "./search.js";
import { BOTH_SIGNS } from "./signs.js";

const MAX_CPUS_BY_PAGES = 64;
/** Enough to convince alone, and more than all that the pages can say. */
const BUFFERS_WEIGHT = 6.1;
/** Both signs, every buffers[] and every sub-buffer. */
export const MOST_BY_CONTENTS = BOTH_SIGNS + BUFFERS_WEIGHT + 1.5 + MOST_USUAL;

/**
 * Where no CPU's meta can be read: buffers[] and the sub-buffers tell where they lie. Without the header's signs only
 * buffers[] is asked, and must be whole.
 */
export function* layoutsByContents(search: Search, kind: LayoutKind, identity: number): Generator<Layout> {
  const { source, pages } = search;
  const signed = identity >= BOTH_SIGNS;
  for (const { geometry, fewest, most, size } of chosenGeometries(
    search,
    kind,
    signed ? MAX_CPUS : MAX_CPUS_UNSIGNED,
  )) {
    const evidence = new BuffersEvidence(kind.abi, source, geometry, signed ? pages : undefined);
    for (let nrCpus = fewest; nrCpus <= most; nrCpus++) {
      const { all, found } = evidence.fit(nrCpus);
      if (found === 0 && (!signed || nrCpus > MAX_CPUS_BY_PAGES)) continue;
      const fit = pages.fit(kind.abi, geometry, nrCpus);
      if (found === 0 && fit <= 0) continue;
      // Each buffers[] that is found is a proof. Without, a few pages more or less prove nothing: the fewest CPUs win.
      const cpus = found > 0 ? 0.01 * found * Math.min(nrCpus, 50) : -1e-4 * (nrCpus - 1);
      yield {
        ...kind,
        geometry,
        nrCpus,
        totalSize: size.bytes,
        score: identity + BUFFERS_WEIGHT * all + fit + cpus + usualPoints(kind, geometry),
        agreed: false,
        settled: false,
        guessed: true,
      };
    }
  }
}
