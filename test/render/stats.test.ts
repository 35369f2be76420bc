import { expect, test } from "@jest/globals";
import type { Io } from "../../src/io.js";
import { renderStats } from "../../src/render/stats.js";
import { styleFor } from "../../src/render/style.js";
import { stats } from "../../src/report/stats.js";
import { story } from "../support/story.js";

const PAPER = { columns: undefined, unicode: true, style: styleFor({ env: {} } as Io, "never"), wide: false };

test("a length of time has the largest unit of which it is one whole", () => {
  const report = stats(
    story([
      [0, 0, 1, "nothing"],
      [0, 10, 1, "nothing"],
    ]),
  );
  const shown = (duration: string) =>
    /, ([\d.]+ \w+),/.exec(renderStats({ ...report, time: { ...report.time!, duration } }, 1, PAPER))?.[1];
  expect(["999", "1000", "999999", "1000000", "999999999", "1000000000"].map(shown)).toEqual([
    "999 ns",
    "1.000 us",
    "999.999 us",
    "1.000 ms",
    "1000.000 ms",
    "1.000 s",
  ]);
});
