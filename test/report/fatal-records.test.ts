import { expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { fatalRecords } from "../../src/report/fatal-records.js";
import { BE64, LE64, madeImage, type Part, payload } from "../support/made-events.js";

const osnoise = (runtime: bigint): Part[] => [[8, 1], [8, runtime], [8, 1], ...new Array<Part>(5).fill([4, 0])];
const timerlat = (context: number): Part[] => [
  [4, 1],
  [4, context],
  [8, 5],
];
const entry = (depth: bigint): Part[] => [
  [8, 0x1234],
  [8, depth],
];

test.each([
  ["little-endian", LE64],
  ["big-endian", BE64],
])("records that a kernel does not survive printing, %s", (_, abi) => {
  const bytes = madeImage(abi, [
    (page) => {
      page.event(0, payload(abi, 17, 1, osnoise(1000n)));
      page.event(5, payload(abi, 18, 1, timerlat(2)));
      page.event(5, payload(abi, 11, 1, entry(12n)));
    },
    (page) => {
      page.event(0, payload(abi, 17, 1, osnoise(0x500000000n)));
      page.event(5, payload(abi, 18, 1, timerlat(3)));
      page.event(5, payload(abi, 18, 1, timerlat(-1)));
      page.event(5, payload(abi, 11, 1, entry(1n << 40n)));
      // Too short to have a runtime.
      page.event(5, payload(abi, 17, 1, [[8, 1]]));
    },
  ]);
  const found = fatalRecords(readImage(new MemorySource(bytes)));
  expect(found.map(({ event, count }) => [event, count])).toEqual([
    ["osnoise", 1],
    ["timerlat", 2],
    ["funcgraph_entry", 1],
  ]);
  expect(found[0]!.first).toMatchObject({ cpu: 1, offset: 16 });
  expect(found[0]!.why).toMatch(/runtime, which is 0/);
});
