import { expect, test } from "@jest/globals";
import { Rates } from "../../src/derive/rates.js";
import { told } from "../support/story.js";

test("an event at the time that parts them counts behind it, one at the beginning counts, one before it does not", () => {
  const at = (time: number): number => 1e9 + time * 1000;
  const rates = new Rates(at(10), at(30));
  told(
    [9, 10, 20, 29, 30, 40].map((time) => [0, time, 1, "nothing"]),
    rates,
  );
  expect(rates.all().map(({ before, after, last }) => ({ before, after, last: last.exactTime() }))).toEqual([
    { before: 3, after: 2, last: 1_000_040_000n },
  ]);
});
