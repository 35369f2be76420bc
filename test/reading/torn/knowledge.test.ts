import { expect, test } from "@jest/globals";
import { Knowledge } from "../../../src/reading/resync/knowledge.js";
import { SubbufBuilder } from "../../support/build-image.js";
import { LE64, payload } from "../../support/made-events.js";

const HEADER = 16;
const USUAL = payload(LE64, 5, 100, [[8, 1]]);
const OTHER = payload(LE64, 77, 200, [[8, 1]]);
const SIZE = USUAL.length + 4;

/** What is learnt of a sub-buffer of 40 usual events, so many others, and so on, where these words of a usual one are damaged. */
function learnt(others: readonly number[], damage: (view: DataView, at: (k: number) => number) => void): Knowledge {
  const bytes = new Uint8Array(4096);
  const page = new SubbufBuilder(bytes, LE64, 1_000_000_000n);
  for (const count of others) {
    for (let k = 0; k < 20; k++) page.event(1000, USUAL);
    for (let k = 0; k < count; k++) page.event(1000, OTHER);
  }
  page.commit();
  const view = new DataView(bytes.buffer);
  damage(view, (k) => HEADER + k * SIZE);
  const knowledge = new Knowledge();
  knowledge.learn(view, true, HEADER, HEADER + view.getUint32(8, true));
  return knowledge;
}

/** A length that leads beyond the end. */
function tooLong(view: DataView, at: number): void {
  view.setUint32(at, 0, true);
  view.setUint32(at + 4, 100_000, true);
}

test.each<[string, number, boolean]>([
  ["what follows each other behind a break is learnt", 40, true],
  ["a few records behind a break may follow each other by chance", 6, false],
])("%s", (_, count, isKnown) => {
  const knowledge = learnt([count], (view, at) => tooLong(view, at(18)));
  expect([knowledge.knowsType(77), knowledge.knowsTask(200)]).toEqual([isKnown, isKnown]);
});

test("so is what lies between two breaks, but for what is next to the second", () => {
  const knowledge = learnt([40, 1, 0], (view, at) => {
    tooLong(view, at(18));
    tooLong(view, at(62));
  });
  expect(knowledge.knowsType(77)).toBe(true);
  expect(knowledge.events).toBeGreaterThan(18 + 40 + 15);
});

test.each<[string, (view: DataView, at: number) => void]>([
  ["without a type", (view, at) => view.setUint16(at + 4, 0, true)],
  ["of a task that no kernel has", (view, at) => view.setInt32(at + 8, -66_108, true)],
])("a record %s is where the walk breaks off: nothing like it is learnt", (_, damage) => {
  const knowledge = learnt([40], (view, at) => damage(view, at(30)));
  expect([knowledge.knowsType(0), knowledge.knowsTask(-66_108)]).toEqual([false, false]);
  expect(knowledge.knowsType(77)).toBe(true);
});
