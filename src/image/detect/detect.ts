import type { Source } from "../../input/source.js";
import type { WriterLayout } from "../../ring/layouts.js";
import { layoutsByContents, MOST_BY_CONTENTS } from "./by-contents.js";
import { impliedLayouts, statedLayouts } from "./by-metas.js";
import { ChosenNumbers } from "./chosen.js";
import { PageEvidence } from "./contents.js";
import { PERFECT } from "./judge.js";
import { KINDS, kindsOf, type Layout } from "./layout-kinds.js";
import { mostSubbufs } from "./places.js";
import { RememberedProbes } from "./probes.js";
import type { Search } from "./search.js";
import { identityOf, START } from "./signs.js";

/** What is known of the image, and wished. */
export interface ImageOptions {
  /** The writer's nr_cpu_ids: where the CPUs' metas are lost, it decides where everything lies. */
  readonly writerCpus?: number | undefined;
  /** How the writing kernel lays the area out, by its own types; else every layout known is tried. */
  readonly layout?: WriterLayout | undefined;
  /** Where no CPU's meta is left, what the rest of the area fits best is taken (Layout.guessed). */
  readonly mayGuess?: boolean;
}

/** What the magic and the struct size are worth together, with nothing else readable. */
const CONVINCING = 3.5;
/** Without either sign: a CPU's whole meta, in an area of a size that the kernel would have divided so. */
const CONVINCING_ALONE = 6;

/**
 * Finds the layout that explains the bytes best, also where a header is damaged: every fact that fits (magic, struct
 * sizes, each CPU's meta where the layout puts it) counts. Undefined where nothing convinces.
 */
export function detectLayout(source: Source, options: ImageOptions = {}): Layout | undefined {
  const { writerCpus, layout: told, mayGuess = true } = options;
  const start = source.probe(0, START);
  const probes = new RememberedProbes(source);
  const search: Search = {
    source: probes,
    start,
    writerCpus,
    pages: new PageEvidence(probes),
    chosen: new ChosenNumbers(writerCpus),
  };
  const kinds = told === undefined ? KINDS : kindsOf([told]);
  const signs = kinds.map((kind) => ({ kind, identity: identityOf(kind, start) }));
  let best: Layout | undefined;
  // The plain way first; the searches only where it leaves a doubt, the last only where it could score more.
  for (const [candidatesOf, enough] of [
    [statedLayouts, PERFECT],
    [impliedLayouts, PERFECT],
    [layoutsByContents, MOST_BY_CONTENTS],
  ] as const) {
    if (best !== undefined && (best.agreed || best.settled || best.score >= enough)) break;
    if (candidatesOf === layoutsByContents && !mayGuess) break;
    for (const { kind, identity } of signs) {
      if (best?.settled) break;
      for (const candidate of candidatesOf(search, kind, identity)) {
        if (subbufsOf(candidate) > mostSubbufs(source.size)) continue;
        const least = identity > 0 ? CONVINCING : CONVINCING_ALONE;
        if (candidate.score >= least && (best === undefined || candidate.score > best.score)) best = candidate;
        if (best?.settled) break;
      }
    }
  }
  return best;
}

const subbufsOf = ({ nrCpus, geometry }: Layout) => nrCpus * geometry.nrSubbufs;
