import { expect, test } from "@jest/globals";
import { runsOf } from "../../src/render/map-runs.js";
import type { MapPage as Page } from "../../src/report/mapped-cpu.js";

/** A sub-buffer that lies, is numbered and is read behind the one before it. */
const page = (at: number, other: Partial<Page> = {}): Page =>
  ({
    userId: at,
    kernelId: at + 10,
    ordinaryId: at + 20,
    readingOrder: at + 30,
    state: "unread",
    missedEvents: false,
    roles: [],
    events: 5,
    ...other,
  }) as unknown as Page;

const counts = (...pages: readonly Page[]) => runsOf(pages).map(({ count, events }) => [count, events]);

test("a run ends where a sub-buffer differs in anything that the table tells", () => {
  expect(counts(page(0), page(1), page(2))).toEqual([[3, 15]]);
  const others: readonly Partial<Page>[] = [
    { userId: 7 },
    { kernelId: 7 },
    { ordinaryId: 7 },
    { readingOrder: 7 },
    { readingOrder: null },
    { state: "consumed" },
    { missedEvents: true },
    { roles: ["commit"] },
  ];
  for (const other of others)
    expect([other, counts(page(0), page(1, other))]).toEqual([
      other,
      [
        [1, 5],
        [1, 5],
      ],
    ]);
});

test("sub-buffers that are read in no order make a run too", () => {
  const unread = [page(0, { readingOrder: null }), page(1, { readingOrder: null })];
  expect(counts(...unread)).toEqual([[2, 10]]);
});
