import { expect, test } from "@jest/globals";
import type { Abi } from "../../../src/ground/abi.js";
import { readingOf } from "../../../src/reading/reading.js";
import { Explainer } from "../../../src/reading/resync/explain.js";
import { Knowledge } from "../../../src/reading/resync/knowledge.js";
import { SubbufBuilder } from "../../support/build-image.js";
import { allStates } from "./states.js";
import { open } from "./tear.js";

const ABI: Abi = { littleEndian: true, longSize: 8 };
const SWITCH = 301;

/** Bytes of an event; a switch names its own task and the next. */
function event(type: number, pid: number, next = 0): Uint8Array {
  const bytes = new Uint8Array(20).fill(0xcd);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, type, true);
  view.setUint16(2, 0);
  view.setInt32(4, pid, true);
  view.setInt32(8, pid, true);
  view.setInt32(12, next, true);
  return bytes;
}

/** Tasks 71 and 72 in turns, three events and a switch each; `odd`: a switch that is another task's. */
function page(odd = -1) {
  const bytes = new Uint8Array(4096);
  const builder = new SubbufBuilder(bytes, ABI, 1_000_000n);
  for (let k = 0; k < 120; k++) {
    const task = 71 + (Math.floor(k / 4) % 2);
    const pid = k === odd ? 99 : task;
    builder.event(k === 0 ? 0 : 1000, k % 4 === 3 ? event(SWITCH, pid, 143 - task) : event(300, pid), false);
  }
  builder.commit();
  const view = new DataView(bytes.buffer);
  return {
    view,
    start: 16,
    end: 4096,
    committed: 120 * 24,
    time: 1_000_000n,
    unconfirmed: false,
    low: undefined,
    high: 2_000_000n,
  };
}

test("a switch from a task that was not running is doubted, and no other event", () => {
  const knowledge = new Knowledge();
  for (let k = 0; k < 10; k++) knowledge.learn(page().view, true, 16, 16 + 120 * 24);
  const explainer = new Explainer(knowledge, true);
  const doubts = (odd: number) => explainer.explain(page(odd)).runs.flatMap((run) => run.doubts);
  expect(doubts(-1)).toEqual([]);
  expect(doubts(63)).toEqual([{ offset: 16 + 63 * 24, code: "switch-prev" }]);
});

test.each(allStates().map(({ name, states }) => [name, states.at(-1)!] as const))(
  "%s: events behind a break that another sub-buffer holds too are doubted",
  (_, state) => {
    const bytes = state.slice();
    const pages = readingOf(open(bytes)).cpus[0]!.unread.slice(8, 20);
    const copies = pages.filter((_, i) => i % 2 === 1);
    copies.forEach(({ offset }, i) => {
      const from = pages[2 * i]!.offset;
      bytes.copyWithin(offset + 1024, from + 1024, from + 2048);
    });
    const torn = readingOf(open(bytes)).cpus[0]!.unread;
    const codes = torn.flatMap(({ offset, stretches }) =>
      stretches
        .flatMap(({ doubts }) => doubts)
        .filter(({ code }) => code === "duplicate")
        .map((doubt) => ({ page: offset, ...doubt })),
    );
    expect(codes.length).toBeGreaterThan(8);
    const copied = codes.filter(({ page }) => copies.some(({ offset }) => offset === page));
    expect(copied.length).toBeGreaterThan(0.9 * codes.length);
    for (const { offset } of copied) expect(offset).toBeGreaterThanOrEqual(960);
  },
);
