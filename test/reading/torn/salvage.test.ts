import { expect, test } from "@jest/globals";
import { isDoubtful } from "../../../src/events/event.js";
import { eventsOf, offsetsOf, salvaged } from "../../support/salvaged.js";
import { allStates } from "./states.js";
import { CASES, tear } from "./tear.js";

const SEED = 500;

// Every other with the metas torn too.
const torn = allStates().flatMap(({ name, states }, k) =>
  CASES.map(
    ([model, amount], n) => [`${name} ${model} ${amount}`, states, model, amount, n, (n + k) % 2 === 0] as const,
  ),
);

test.each(torn)(
  "%s: every kernel keeps all of the salvaged image, and salvaging it again changes no byte",
  (_, states, model, amount, n, spare) => {
    const bytes = tear(states, SEED + n, model, amount, spare);
    const { kept, offsets, notes } = salvaged(bytes);
    let marked = 0;
    for (const event of eventsOf(bytes)) if (isDoubtful(event) || event.page.bounds !== undefined) marked++;
    expect(notes.some((note) => /in doubt|at estimated times/.test(note))).toBe(marked > 0);
    expect(kept).toBeGreaterThan(1000);
    const found = new Set(offsets);
    expect(offsetsOf(eventsOf(bytes)).filter((offset) => !found.has(offset))).toEqual([]);
  },
);
