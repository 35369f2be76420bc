import { writeFileSync } from "node:fs";
import { afterAll, expect, test } from "@jest/globals";
import { scratchFolder } from "../support/command-lines.js";
import { rbtool } from "../support/run.js";

const IMAGE = "fixtures/dumps/v7.3-few/image.bin.gz";
const folder = scratchFolder();
afterAll(() => folder.remove());

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

test("a file whose name begins like an option is told how to be named", async () => {
  const before = process.cwd();
  process.chdir(folder.path);
  try {
    writeFileSync("-c.bin", "");
    const { status, stderr } = await rbtool(["-c.bin"]);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: "rbtool: '-c.bin' reads as an option; write the file as ./-c.bin\n",
    });
  } finally {
    process.chdir(before);
  }
});

test("what help knows nothing of is no file", async () => {
  expect((await rbtool(["help", "zzz"])).stderr).toBe(
    "rbtool: no command is called 'zzz'; `rbtool help` lists the commands\n",
  );
});
