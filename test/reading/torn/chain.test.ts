import { expect, test } from "@jest/globals";
import { withChain } from "../../../src/reading/resync/chain.js";
import type { Doubt, Run } from "../../../src/reading/resync/explain.js";
import { Knowledge } from "../../../src/reading/resync/knowledge.js";
import { SubbufBuilder } from "../../support/build-image.js";
import { LE64, payload } from "../../support/made-events.js";

const TIME = 5_000_000_123n;
const HEADER = 16;
const COUNT = 60;
const EVENT = payload(LE64, 5, 100, [[8, 1]]);
const SIZE = EVENT.length + 4;
/** Where an event of the chain begins. */
const place = (k: number): number => HEADER + k * SIZE;

/** A sub-buffer whose lengths lead through all its events. */
function committed() {
  const bytes = new Uint8Array(4096);
  const page = new SubbufBuilder(bytes, LE64, TIME);
  for (let k = 0; k < COUNT; k++) page.event(1000, EVENT);
  page.commit();
  const view = new DataView(bytes.buffer);
  const knowledge = new Knowledge();
  knowledge.learn(view, true, HEADER, place(COUNT));
  return { view, littleEndian: true, start: HEADER, end: place(COUNT), time: TIME, knowledge };
}

function run(start: number, end: number, before: Run | undefined, stale = 0): Run {
  const doubts = Array.from({ length: stale }, (): Doubt => ({ offset: start, code: "stale-line" }));
  const breakBefore = before !== undefined && before.end < start ? before.end : undefined;
  const times = { before: 0, after: 1, exact: false, low: 0, high: 1 };
  return { start, end, events: Math.max(1, stale), ...times, breakBefore, doubts };
}

const told = (runs: readonly Run[], highest = Number.POSITIVE_INFINITY) => ({ origin: TIME, runs, highest });

/**
 * What is read of the bytes behind event 10 up to event 30, by another way than the chain's: two lines of events, and one more
 * run. Of one of the chain's events the task is unknown.
 */
function startsWith(last: (before: Run) => Run): number[] {
  const page = committed();
  page.view.setInt32(place(11) + 8, 999_999, true);
  const head = run(place(0), place(10), undefined);
  const one = run(place(10) + 4, place(13) + 4, head);
  const two = run(one.end, place(20) + 4, one);
  const third = last(two);
  const tail = run(place(30), place(COUNT), third);
  const { runs } = withChain(told([head, one, two, third, tail]), page);
  return runs.map(({ start }) => start);
}

const BEFORE = [place(0), place(10) + 4, place(13) + 4];

test("an event of the chain that reaches to a run is believed in place of another moment's, which are in step with nothing", () => {
  const found = startsWith((before) => run(place(20) + 12, place(29) + 8, before, 2));
  expect(found).toEqual([...BEFORE, ...[21, 22, 23, 24, 25, 26, 27, 28, 29, 30].map(place)]);
});

test.each<[string, (before: Run) => Run]>([
  ["is in step with the run behind it", (before) => run(place(20) + 12, place(30), before, 2)],
  ["is in step with the run before it", (before) => run(before.end, place(29) + 8, before, 2)],
  ["has an event of this moment", (before) => ({ ...run(place(20) + 12, place(29) + 8, before, 2), events: 3 })],
])("what %s is kept", (_, last) => {
  const found = startsWith(last);
  const [kept] = found.filter((start) => start >= place(20) && start < place(29));
  expect([place(20) + 4, place(20) + 12]).toContain(kept);
  expect(found.filter((start) => start >= place(28))).toEqual([place(30)]);
});

/** The same where the chain leads beyond the end, and nowhere to the run behind; some of its events are of unknown tasks. */
function startsWithoutEnd(unknown: readonly number[]): number[] {
  const page = committed();
  page.view.setUint32(place(40), 0, true);
  page.view.setUint32(place(40) + 4, 100_000, true);
  for (const k of unknown) page.view.setInt32(place(k) + 8, 999_999, true);
  const head = run(place(0), place(20), undefined);
  const stale = run(place(20) + 12, place(29) + 8, head, 2);
  const tail = run(place(30) + 4, place(COUNT), stale);
  return withChain(told([head, stale, tail]), page).runs.map(({ start }) => start);
}

test("so are two that reach to each other, where the chain leads beyond the end", () => {
  const found = startsWithoutEnd([]);
  expect(found).toEqual([place(0), ...[20, 21, 22, 23, 24, 25, 26, 27, 28, 29].map(place), place(30) + 4]);
});

test("one that reaches to no other known is not", () => {
  expect(startsWithoutEnd([20, 22, 24, 26, 28, 30])).toEqual([place(0), place(20) + 12, place(30) + 4]);
});

test.each<[string, readonly [number, number], number[]]>([
  ["is believed where the next is of the same task and a known type", [777, 777], [20, 21, 22, 23]],
  ["is not where that is another task", [777, 778], [22, 23]],
  ["is not where the task is 0, as most words are", [0, 0], [22, 23]],
])("of a chain that leads beyond the end, an event of unknown type and task behind a run %s", (_, tasks, believed) => {
  const page = committed();
  page.view.setUint32(place(24), 0, true);
  page.view.setUint32(place(24) + 4, 100_000, true);
  page.view.setUint16(place(20) + 4, 9, true);
  tasks.forEach((pid, k) => {
    page.view.setInt32(place(20 + k) + 8, pid, true);
  });
  const head = run(place(0), place(20), undefined);
  const { runs } = withChain(told([head, run(place(30) + 4, place(COUNT), head)]), page);
  expect(runs.map(({ start }) => start)).toEqual([place(0), ...believed.map(place), place(30) + 4]);
});

test.each([0, 12])(
  "an event of the chain is believed in place of what a foreign line begins, whose last is in step by chance",
  (into) => {
    const LINE = 64;
    const long = payload(
      LE64,
      5,
      100,
      Array.from({ length: 13 }, () => [8, 1] as const),
    );
    const bytes = new Uint8Array(4096);
    const page = new SubbufBuilder(bytes, LE64, TIME);
    for (let k = 0; k < 20; k++) page.event(1000, EVENT);
    page.event(1000, long);
    for (let k = 0; k < 20; k++) page.event(1000, EVENT);
    page.commit();
    const at = place(20);
    const behind = at + long.length + 4;
    const line = Math.ceil((at + 8) / LINE) * LINE;
    const last = line + 40;
    expect(line + LINE).toBeLessThanOrEqual(behind);
    const view = new DataView(bytes.buffer);
    // Two records that begin within the line, of which the second ends where the event behind the long one does.
    view.setUint32(line + into, (40 - into) / 4 - 1, true);
    view.setUint32(last, (behind + SIZE - last) / 4 - 1, true);
    const end = behind + 20 * SIZE;
    const knowledge = new Knowledge();
    knowledge.learn(view, true, HEADER, end);
    const head = run(HEADER, at, undefined);
    const foreign = { ...run(line + into, behind + SIZE, head), events: 2 };
    const tail = run(behind + SIZE, end, foreign);
    const committed = { view, littleEndian: true, start: HEADER, end, time: TIME, knowledge };
    const { runs } = withChain(told([head, foreign, tail]), committed);
    expect(runs.map(({ start }) => start)).toEqual([HEADER, at, behind, behind + SIZE]);
  },
);

test("an event like no other, which alone leads from a foreign line to what is behind it, yields to one that lengths lead to", () => {
  const page = committed();
  const odd = place(11) + 4;
  page.view.setUint32(odd, (300 << 5) | ((place(14) - odd - 4) / 4), true);
  page.view.setUint16(odd + 4, 9, true);
  page.view.setInt32(odd + 8, 100, true);
  const head = run(place(0), place(10), undefined);
  const foreign = run(place(10) + 4, odd, head, 1);
  const one = run(odd, place(14), foreign);
  const { runs } = withChain(told([head, foreign, one, run(place(14), place(COUNT), one)]), page);
  expect(runs.map(({ start }) => start)).toEqual([place(0), place(10) + 4, place(12), place(13), place(14)]);
});

/** Runs of two lines' events: the last reaches over a border to `end`, over one of the chain that begins behind it. */
function overBorder(end: number, next: number, change: Partial<Run> = {}): readonly Run[] {
  const page = committed();
  const last = place(8) + 4;
  page.view.setUint32(place(6) + 4, (1000 << 5) | (40 / 4 - 1), true);
  page.view.setUint32(last, (300 << 5) | ((end - last) / 4 - 1), true);
  const head = run(place(0), place(4), undefined);
  const one = run(place(4) + 4, place(6) + 4, head);
  const two = run(one.end, end, one);
  const doubted: Run = { ...two, events: 2, after: 1300, doubts: [{ offset: last, code: "line-border" }], ...change };
  return withChain(told([head, one, doubted, run(next, place(COUNT), two)]), page).runs;
}

const BEFORE_TWO = [
  [place(0), place(4)],
  [place(4) + 4, place(6) + 4],
];

test.each([
  ["in step with nothing", place(9) + 8],
  ["in step with what is behind it by chance", place(10)],
])("of a run, an event over a line's border, %s, yields to one that lengths lead to", (_, reach) => {
  const runs = overBorder(reach, place(10));
  expect(runs.map(({ start, end }) => [start, end])).toEqual([
    ...BEFORE_TWO,
    [place(6) + 4, place(8) + 4],
    [place(9), place(10)],
    [place(10), place(COUNT)],
  ]);
  expect(runs[2]).toMatchObject({ events: 1, after: 1000, doubts: [] });
});

test.each<[string, number, Partial<Run>]>([
  ["that is not in doubt", place(10), { doubts: [] }],
  ["where that one does not lead to what is behind it", place(9) + 12, {}],
])("such an event %s stays", (_, next, change) => {
  const runs = overBorder(place(9) + 8, next, change);
  expect(runs.map(({ start, end }) => [start, end])).toEqual([
    ...BEFORE_TWO,
    [place(6) + 4, place(9) + 8],
    [next, place(COUNT)],
  ]);
});

test.each<[string, number, number[]]>([
  ["yields to one that lengths lead to, and that ends where it does", place(12), [0, 10, 11, 12].map(place)],
  ["stays where it ends elsewhere", place(12) + 4, [place(0), place(10) + 12]],
])("of a run, a first event like no other %s", (_, end, starts) => {
  const page = committed();
  const first = place(10) + 12;
  page.view.setUint32(first, (300 << 5) | ((end - first - 4) / 4), true);
  page.view.setUint16(first + 4, 5, true);
  const head = run(place(0), place(10), undefined);
  const behind = { ...run(first, place(COUNT), head), events: 49, before: 100, after: 90_000 };
  const { runs } = withChain(told([head, behind]), page);
  expect(runs.map(({ start }) => start)).toEqual(starts);
  expect(runs.at(-1)!.before).toBe(end === place(12) ? 400 : 100);
});

test.each<[string, number, number[]]>([
  ["in step with nothing, yields to one that is in step with what is behind", place(10) - 8, [0, 9, 10].map(place)],
  ["in step with what is behind, stays", place(10), [place(0), place(9) + 4, place(10)]],
])("an event in the line where one of the chain begins, %s", (_, end, starts) => {
  const head = run(place(0), place(9), undefined);
  const one = run(place(9) + 4, end, head);
  const { runs } = withChain(told([head, one, run(place(10), place(COUNT), one)]), committed());
  expect(runs.map(({ start }) => start)).toEqual(starts);
});

test.each<[string, readonly number[], number, number[]]>([
  ["yield to known events that lead over them from what is before", [14], place(14) - 4, [0, 12, 13, 14].map(place)],
  [
    "stay where one of those is of an unknown task",
    [13],
    place(14) - 4,
    [place(0), place(12) + 8, place(13) + 8, place(14)],
  ],
  [
    "stay where they are in step with what is behind",
    [14],
    place(14),
    [place(0), place(12) + 8, place(13) + 8, place(14)],
  ],
])("two lines' events of this moment, in step with nothing, %s", (_, unknown, end, starts) => {
  const page = committed();
  for (const k of unknown) page.view.setInt32(place(k) + 8, 999_999, true);
  const head = run(place(0), place(12), undefined);
  const one = run(place(12) + 8, place(13) + 8, head);
  const two = run(one.end, end, one);
  const { runs } = withChain(told([head, one, two, run(place(14), place(COUNT), two)]), page);
  expect(runs.map(({ start }) => start)).toEqual(starts);
});

test("no event of the chain is later than what is behind the page, however late a delta says it is", () => {
  const page = committed();
  page.view.setUint32(place(50), (100_000_000 << 5) | (EVENT.length / 4), true);
  const highest = 70_000;
  const { runs } = withChain(told([run(place(0), place(20), undefined)], highest), page);
  expect(runs.map(({ start }) => start)).toEqual([0, ...Array.from({ length: 40 }, (_, k) => 20 + k)].map(place));
  expect(runs.filter(({ after, before, high }) => after > highest || high + after - before > highest)).toEqual([]);
});

test.each<[string, number, number[]]>([
  ["yields to a known one that lies in the next line", 100, [place(0), place(10), place(11), place(12), place(13)]],
  ["stays where that is of an unknown task", 999_999, [place(0), place(10), place(12) - 16]],
])("a line's last event, which ends where another does, %s", (_, pid, starts) => {
  const page = committed();
  // The chain's event begins with a line; the other one 16 bytes before.
  expect(place(12) % 64).toBe(0);
  page.view.setUint32(place(12) - 16, (1000 << 5) | (9 - 1), true);
  page.view.setUint32(place(12) - 12, 5, true);
  page.view.setInt32(place(12) - 8, 100, true);
  page.view.setInt32(place(12) + 8, pid, true);
  const head = run(place(0), place(10), undefined);
  const { runs } = withChain(told([head, { ...run(place(12) - 16, place(COUNT), head), events: 49 }]), page);
  expect(runs.map(({ start }) => start)).toEqual(starts);
});
