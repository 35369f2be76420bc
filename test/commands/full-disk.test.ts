import { spawnSync } from "node:child_process";
import { openSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const ROOT = join(import.meta.dirname, "../..");
const IMAGE = "fixtures/dumps/v7.3-few/image.bin.gz";

/** The real process: its streams are what is tested. */
test.each([
  ["inspect", IMAGE],
  ["check", IMAGE],
  ["events", "--no-live", IMAGE],
  ["stats", "--no-live", "--json", IMAGE],
  ["page", IMAGE, "0:1"],
  ["diff", IMAGE],
  ["explain"],
  ["collect-script"],
  ["help"],
])("a full disk: rbtool %s", (...args) => {
  const { status, stderr } = spawnSync("node", ["bin/rbtool.js", ...args], {
    cwd: ROOT,
    stdio: ["ignore", openSync("/dev/full", "w"), "pipe"],
    encoding: "utf8",
  });
  expect(stderr).toMatch(/^rbtool: standard output: .*\n$/);
  expect(status).toBe(2);
});

test("a reader that has enough ends the program quietly", () => {
  const { stdout, stderr } = spawnSync("sh", ["-c", `node bin/rbtool.js diff ${IMAGE} | head -n 1`], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(stdout.split("\n").length).toBe(2);
  expect(stderr).toBe("");
});
