import { expect, test } from "@jest/globals";
import { fixtureImages } from "../support/images.js";
import { Dice } from "../support/mutations/dice.js";
import { KINDS } from "../support/mutations/kinds.js";

/** How many of each: all of them in a minute or two. `scripts/mutate.mjs` tries millions. */
const TRIED: Readonly<Record<string, number>> = {
  images: 300,
  memory: 100,
  commands: 300,
  formats: 2000,
  kallsyms: 1000,
  archives: 2000,
  dumps: 1000,
  kernels: 500,
  filters: 3000,
};

test.each(KINDS.map((kind) => [kind.name, kind] as const))(
  "%s, damaged by the seeds 1, 2, 3...",
  async (name, kind) => {
    const disproved: { seed: number; error: unknown }[] = [];
    const attempt = await kind.prepare(fixtureImages);
    for (let seed = 1; seed <= TRIED[name]!; seed++) {
      try {
        await attempt(new Dice(seed));
      } catch (error) {
        disproved.push({ seed, error });
      }
    }
    expect(disproved).toEqual([]);
  },
);
