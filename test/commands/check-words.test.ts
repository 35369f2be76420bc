import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { scratchFolder } from "../support/command-lines.js";
import { fixture } from "../support/images.js";
import { rbtool } from "../support/run.js";

const folder = scratchFolder();
afterAll(() => folder.remove());

/** Where the head page of CPU 0 lies in that image, and its commit. */
const HEAD = 0x1c000;
const image = join(folder.path, "image.bin");
beforeAll(() => {
  const bytes = Buffer.from(fixture("v7.3-read").bytes());
  bytes.writeUInt32LE(65_536, HEAD + 8);
  writeFileSync(image, bytes);
});

test("the table and a kernel by itself have the same word for a CPU that is kept in part", async () => {
  const table = await rbtool(["check", image]);
  expect(table.stdout).toMatch(/^7\.2 and later .* kept in part, kept +commit-too-large$/m);
  expect(table.stdout).not.toContain("kept*");
  const alone = await rbtool(["check", "-k", "7.3.4", image]);
  expect(alone.stdout).toMatch(/^ +0 +kept in part /m);
});

test("what a kernel finds twice is told once", async () => {
  const { stdout } = await rbtool(["check", "-k", "7.3.4", image]);
  const why = stdout.split("Why:\n")[1]!.split("\n\n")[0]!.split("\n");
  expect(why).toEqual([expect.stringMatching(/^ {2}commit-too-large: CPU 0, .*\(at offset 0x1c000\)$/)]);
  const json = JSON.parse((await rbtool(["check", "-k", "7.3.4", "--json", image])).stdout) as {
    kernels: { findings: unknown[] }[];
  };
  expect(json.kernels[0]!.findings).toHaveLength(2);
});

test("events that a kernel loses without a word have their reason", async () => {
  const bytes = Buffer.from(fixture("v7.3-read").bytes());
  // CPU 1's commit_buffer: six sub-buffers too far.
  bytes[0x41011] = 0xe0;
  const far = join(folder.path, "commit.bin");
  writeFileSync(far, bytes);
  const table = await rbtool(["check", far]);
  expect(table.stdout).toMatch(/^6\.16 to 7\.1\.x .* 2 kept +not between head and commit$/m);
  const alone = await rbtool(["check", "-k", "7.1.13", far]);
  expect(alone.stdout).toMatch(/^ +0 +kept +\d+ /m);
  expect(alone.stdout).toMatch(/^ +1 +kept +not between head and commit +507 /m);
});
