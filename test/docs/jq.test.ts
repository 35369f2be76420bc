import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { has } from "../support/programs.js";
import { rbtool } from "../support/run.js";

const ROOT = resolve(import.meta.dirname, "../..");
const NAMES: Readonly<Record<string, string>> = {
  "dump.bin": resolve(ROOT, "fixtures/dumps/v7.3-read/image.bin.gz"),
  "build.tar.gz": resolve(ROOT, "fixtures/kernels/7.3.4+deb13-cloud-amd64/events.tar.gz"),
};

const rows = [...readFileSync(resolve(ROOT, "docs/jq.md"), "utf8").matchAll(/^\| ([^|]+\?) \| `(.*)` \|$/gm)].map(
  ([, question, line]) => ({ question: question!, line: line!.replaceAll("\\|", "|") }),
);

test("there are twenty questions", () => {
  expect(rows.length).toBe(20);
});

(has("jq") ? test : test.skip).each(rows)("$question", async ({ line }) => {
  const pipe = line.indexOf(" | ");
  const words = line
    .slice("rbtool ".length, pipe)
    .split(" ")
    .map((word) => NAMES[word] ?? word);
  const { stdout, stderr } = await rbtool(words);
  // Nothing is wrong with the question: what is missing would be said here.
  expect(stderr).toBe("");
  const answer = spawnSync("sh", ["-c", line.slice(pipe + 3)], { input: stdout, encoding: "utf8" });
  expect({ status: answer.status, stderr: answer.stderr }).toEqual({ status: 0, stderr: "" });
  // An image without damage has nothing odd to tell.
  if (!line.includes(".diagnostics[] ")) expect(answer.stdout).not.toMatch(/^(null\s*)*$/);
});
