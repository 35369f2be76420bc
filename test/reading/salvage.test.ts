import { describe, expect, test } from "@jest/globals";
import { kernelsFor, outcomeOf, survey } from "../../src/compare/outcome.js";
import { openImage } from "../../src/index.js";
import { salvage } from "../../src/reading/salvage/salvage.js";
import { Dump, dumpNames } from "../support/images.js";
import { haveOracle, oracleCases, patched } from "../support/oracle.js";

/** Salvages, then boots every kernel that takes the layout over on the result. */
async function salvaged(bytes: Uint8Array) {
  const image = await openImage(bytes);
  const before = survey(image);
  const result = salvage(image, before.plan.bytes);
  const again = await openImage(result.bytes);
  const after = survey(again);
  const outcomes = kernelsFor(again).map(({ label, kernel }) => ({ label, outcome: outcomeOf(after, kernel) }));
  const events = result.cpus.reduce((sum, cpu) => sum + cpu.unreadEvents + cpu.broughtBackEvents, 0);
  const readable = after.pages.flat().reduce((sum, page) => sum + (page.state === "unread" ? page.events : 0), 0);
  return { image, result, outcomes, events, readable, clock: again.scratch?.clockId ?? 0 };
}

describe("a salvaged image", () => {
  const lines: string[] = [];
  for (const name of dumpNames()) {
    test(`of ${name} is kept whole by every kernel of its layout`, async () => {
      const bytes = new Dump(name).bytes("image.bin.gz");
      const { image, result, outcomes, events, readable, clock } = await salvaged(bytes);
      const unread = survey(image)
        .pages.flat()
        .reduce((sum, page) => sum + (page.state === "unread" ? page.events : 0), 0);
      const back = result.cpus.reduce((sum, cpu) => sum + cpu.broughtBackEvents, 0);
      if (back > 0) lines.push(`${name}: ${unread} unread, ${back} brought back`);
      expect(events - back).toBe(unread);
      expect(readable).toBe(events);
      for (const { label, outcome } of outcomes) {
        if (clock !== 0) continue; // the clock put back empties the boot CPU: see docs/recovery.md
        expect({ label, summary: outcome.summary, kept: outcome.keptEvents, rewound: outcome.rewoundPages }).toEqual({
          label,
          summary: "keeps-everything",
          kept: outcome.keptEvents,
          rewound: 0,
        });
      }
    });
  }
  test("brings consumed events back", () => {
    console.log(`salvage:\n${lines.join("\n")}`);
    expect(lines.length).toBeGreaterThan(0);
  });
});

describe("a salvaged damaged image", () => {
  if (!haveOracle) {
    test.skip("no oracle here", () => {});
    return;
  }
  let saved = 0;
  let kernel = 0;
  let whole = 0;
  for (const oracle of oracleCases()) {
    test(`${oracle.name} is kept whole by every kernel of its layout`, async () => {
      const bytes = new Dump(oracle.base).bytes("image.bin.gz");
      const { outcomes, events, readable, clock } = await salvaged(patched(bytes, oracle.patch));
      expect(readable).toBe(events);
      const undamaged = survey(await openImage(bytes))
        .pages.flat()
        .reduce((sum, page) => sum + (page.state === "unread" ? page.events : 0), 0);
      saved += events;
      whole += undamaged;
      kernel += oracle.stats ? Object.values(oracle.stats).reduce((sum, cpu) => sum + Number(cpu.entries), 0) : 0;
      for (const { label, outcome } of outcomes) {
        if (clock !== 0) continue;
        expect({ label, summary: outcome.summary }).toEqual({ label, summary: "keeps-everything" });
      }
    });
  }
  test("saves more than the kernel", () => {
    console.log(
      `salvage of damaged images: ${saved} events; the kernels kept ${kernel}; ${whole} were unread before the damage`,
    );
    expect(saved).toBeGreaterThan(kernel);
  });
});
