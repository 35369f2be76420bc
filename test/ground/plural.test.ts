import { expect, test } from "@jest/globals";
import { plural, pluralVerb } from "../../src/ground/plural.js";

test("a count, what is counted, and what it does agree", () => {
  expect([0, 1, 2].map((count) => plural(count, "event"))).toEqual(["0 events", "1 event", "2 events"]);
  expect([plural(1n, "event"), plural("1", "event"), plural("1+", "event")]).toEqual([
    "1 event",
    "1 event",
    "1+ events",
  ]);
  expect([0, 1, 2].map((count) => pluralVerb(count, "event"))).toEqual(["0 events are", "1 event is", "2 events are"]);
  expect([1n, 2n].map((count) => pluralVerb(count, "place", ["looks", "look"]))).toEqual([
    "1 place looks",
    "2 places look",
  ]);
});
