import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const FOLDER = join(import.meta.dirname, "../../scripts");
/** Those that a person calls with words; the others are steps of the build. */
const SCRIPTS = readdirSync(FOLDER).filter(
  (name) => name.endsWith(".mjs") && readFileSync(join(FOLDER, name), "utf8").includes('from "./usage.mjs"'),
);

function called(name: string, word: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(FOLDER, name), word], { encoding: "utf8" });
  return { status, stdout, stderr };
}

test("the scripts that are called with words are known", () => {
  expect(SCRIPTS).toEqual([
    "bench.mjs",
    "fit-matrix.mjs",
    "fuzz.mjs",
    "locate-matrix.mjs",
    "mutate.mjs",
    "package-pkg.mjs",
    "package.mjs",
    "real-kernel.mjs",
  ]);
});

test.each(SCRIPTS)("%s says what it is for, and what is wrong with a call", (name) => {
  const comment = /^(?:#!.*\n)?((?:\/\/.*\n)+)/.exec(readFileSync(join(FOLDER, name), "utf8"))![1]!;
  const about = comment.replace(/^\/\/ ?/gm, "");
  expect(called(name, "--help")).toEqual({ status: 0, stdout: about, stderr: "" });
  const { status, stderr } = called(name, "--no-such-option");
  expect(status).toBe(2);
  expect(stderr).toMatch(/^error: Unknown option '--no-such-option'/);
  expect(stderr.endsWith(`\n\n${about}`)).toBe(true);
});
