import { expect, test } from "@jest/globals";
import { rbtool } from "../support/run.js";

const IMAGE = "fixtures/dumps/v7.3-read/image.bin.gz";

test.each([["99999999999999999999"], ["-1"], ["1e3"], ["many"], [""]])(
  "a count that cannot be is told with what can be: %s",
  async (count) => {
    const { stderr, status } = await rbtool(["events", "--no-live", "--tail", count, IMAGE]);
    expect([stderr, status]).toEqual([`rbtool: --tail ${count}: a whole number from 0 to 999999999\n`, 2]);
  },
);

test("at a terminal, nothing is said of how formats fit that nobody gave", async () => {
  const { stdout } = await rbtool(["events", "--no-live", "--head", "1", IMAGE], { columns: 100 });
  expect(stdout).toContain("# all CPUs with events are covered");
  expect(stdout).not.toContain("the formats fit");
});
