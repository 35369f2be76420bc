import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { rbtool } from "../support/run.js";
import { tooLong } from "../support/screen.js";
import { CASES } from "./cases.js";

const EXPECTED = join(import.meta.dirname, "expected");
/** `npm run golden` rewrites what is expected; look at the difference before you commit it. */
const UPDATE = process.env.RBTOOL_UPDATE_GOLDEN !== undefined;

/** Command, standard output, standard error and exit status in one text; a backslash ends a line without its end. */
function transcript(command: string, result: { stdout: string; stderr: string; status: number }): string {
  const part = (title: string, text: string) =>
    text === "" ? "" : `--- ${title}\n${text.endsWith("\n") ? text : `${text}\\\n`}`;
  return `$ rbtool ${command}\n${part("stdout", result.stdout)}${part("stderr", result.stderr)}--- exit status ${result.status}\n`;
}

test.each(CASES)("$name", async ({ name, command, source, ...options }) => {
  const args = command
    .split(" ")
    .filter((word) => word !== "")
    // A blank within a word.
    .map((word) => word.replaceAll("|", " "))
    .map((word) => word.replace(/^@(.*)/, "fixtures/dumps/$1/image.bin.gz"));
  const result = await rbtool(args, options);
  const got = transcript(command, result);
  const { columns } = options;
  if (source) expect((await rbtool(args)).stdout).toBe(result.stdout);
  else if (columns !== undefined && name.startsWith("screen-"))
    expect(tooLong(result.stdout + result.stderr, columns)).toEqual([]);
  const path = join(EXPECTED, `${name}.txt`);
  if (UPDATE) {
    mkdirSync(EXPECTED, { recursive: true });
    writeFileSync(path, got);
  }
  expect(existsSync(path) ? readFileSync(path, "utf8") : undefined).toBe(got);
});

test("every expected output belongs to a case", () => {
  const names = new Set(CASES.map(({ name }) => `${name}.txt`));
  expect(readdirSync(EXPECTED).filter((file) => !names.has(file))).toEqual([]);
});
