import { expect, test } from "@jest/globals";
import { readingOf } from "../../../src/reading/reading.js";
import { type TornSummary, tornSummary } from "../../../src/reading/torn-places.js";
import { realImages } from "../../support/images.js";
import { allStates } from "./states.js";
import { type Model, open, tear } from "./tear.js";

function summaryOf(bytes: Uint8Array): TornSummary | undefined {
  const image = open(bytes);
  return tornSummary(image, readingOf(image).cpus);
}

const KINDS = [
  ["cache", 0.1, "stale-lines"],
  ["lost", 0.02, "stale-lines"],
  ["zero", 0.02, "zeroed-lines"],
  ["decay", 0.04, "single-bits"],
  ["wipe", 0.05, "overwritten"],
] as const satisfies (readonly [Model, number, string])[];

const cases = allStates().flatMap(({ name, states }) =>
  KINDS.map(([model, amount, kind]) => [`${name} ${model}`, states, model, amount, kind] as const),
);

test.each(cases)("%s: the damage is told by what it looks like", (_, states, model, amount, kind) => {
  const told = summaryOf(tear(states, 7, model, amount));
  const [most] = told!.kinds.filter(({ kind }) => kind !== "unclear");
  expect(most?.kind).toBe(kind);
  const others = told!.kinds.filter((other) => other.kind !== kind && other.kind !== "unclear");
  expect(others.reduce((sum, { places }) => sum + places, 0)).toBeLessThanOrEqual(most!.places / 2);
  expect(told!.lostBytes).toBe(told!.kinds.reduce((sum, { bytes }) => sum + bytes, 0));
});

test.each(allStates().map(({ name, states }) => [name, states] as const))(
  "%s: lines that are lost in pairs are told from single ones",
  (_, states) => {
    for (const [model, amount] of [
      ["lost", 0.03],
      ["zero", 0.02],
    ] as const)
      for (const size of [64, 128] as const)
        expect(summaryOf(tear(states, 3, model, amount, true, size))?.lineSize).toBe(size);
  },
);

test("other data say what they are; a file that was cut short is told from them", () => {
  const bytes = allStates()[0]!.states.at(-1)!.slice();
  const { cpus } = readingOf(open(bytes));
  const [first, second] = cpus[0]!.unread.slice(5, 7);
  bytes.set(new TextEncoder().encode("booting kernel, console ttyS0\n".repeat(40)), first!.offset + 1000);
  bytes.set([0xd0, 0x0d, 0xfe, 0xed, ...new Uint8Array(1000).fill(0x77)], second!.offset + 1024);
  expect(summaryOf(bytes)?.kinds).toMatchObject([
    { kind: "foreign-data", places: 2, holds: ["text", "a device tree"] },
  ]);
  const cut = summaryOf(bytes.slice(0, cpus[1]!.subbufs.at(0).offset))?.kinds.find(({ kind }) => kind === "cut-off");
  expect(cut).toMatchObject({ places: cpus[1]!.subbufs.length });
});

test.each(realImages.map((dump) => [dump.name, dump] as const))("%s: nothing is torn", (_, dump) => {
  const told = summaryOf(dump.bytes());
  expect(told).toBeUndefined();
});
