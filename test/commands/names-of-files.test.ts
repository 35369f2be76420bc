import { expect, test } from "@jest/globals";
import { rbtool } from "../support/run.js";

const IMAGE = "fixtures/dumps/v7.3-few/image.bin.gz";

/** A script's variable that is not set. */
test.each([
  ["events", "--system", "", IMAGE],
  ["events", "--system", "fixtures/kernels/7.3.4+deb13-cloud-amd64", "--system", "", IMAGE],
  ["events", "--kallsyms", "", IMAGE],
  ["recover", "--salvage", "--output", "", IMAGE],
  ["locate", "--extract", "", IMAGE],
])("%s %s: an empty name is told of its option", async (...words) => {
  const { status, stderr } = await rbtool(words);
  expect(status).toBe(2);
  const option = words.filter((word) => word.startsWith("--")).at(-1)!;
  expect(stderr).toBe(`rbtool: ${option}: the name is empty\n`);
});

test("a directory without types is not taken for one of them", async () => {
  const { status, stderr } = await rbtool(["events", "--no-live", "--btf", "docs", IMAGE]);
  expect({ status, stderr }).toEqual({ status: 2, stderr: "rbtool: docs: no types (BTF) in it\n" });
});
