import { expect, test } from "@jest/globals";
import { clockText, durationText } from "../../src/ground/time-text.js";

test("a length of time has the largest unit of which it is one whole", () => {
  const shown = ["999", "1000", "999900", "1000000", "999900000", "1000000000", "99990000000", "100000000000"];
  expect(shown.map((ns) => durationText(ns, true))).toEqual([
    "999 ns",
    "1.0 us",
    "999.9 us",
    "1.0 ms",
    "999.9 ms",
    "1.00 s",
    "99.99 s",
    "100 s",
  ]);
  expect(durationText("1000", false)).toBe("1000 units");
});

test("a time is rounded to microseconds; of a clock that counts no time, it is the count", () => {
  expect(["499", "500", "999999499", "999999500", "18446744073709551615"].map((ns) => clockText(ns, true))).toEqual([
    "0.000000",
    "0.000001",
    "0.999999",
    "1.000000",
    "18446744073.709552",
  ]);
  expect(clockText(1500n, false)).toBe("1500");
});
