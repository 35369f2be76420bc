import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { fixture } from "../support/images.js";
import { rbtool } from "../support/run.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const BYTES = fixture("v7.3-read").bytes();
const { cpus } = readImage(new MemorySource(BYTES));

/** What `recover` says of an image that ends within sub-buffer 3 of a CPU. */
async function recovered(cpu: number): Promise<string> {
  const path = join(folder, `cut-${cpu}`);
  writeFileSync(path, BYTES.subarray(0, cpus[cpu]!.subbufsOffset + 3 * cpus[cpu]!.subbufSize + 100));
  return (await rbtool(["recover", "--kernel", "7.3.4", "-o", `${path}.out`, path])).stdout;
}

test("an image that is cut within its first CPU: a kernel's boot tells nothing of it", async () => {
  const text = await recovered(0);
  expect(text).toContain("No CPU is whole. Zeros stand for what is missing.");
  expect(text).not.toContain("It would print:");
});

test("an image that is cut within its second: the first is told of", async () => {
  const text = await recovered(1);
  expect(text).toMatch(/Of the CPUs that are whole: \d+ events, everything kept\. Zeros stand for what is missing\./);
  expect(text).toContain("It would print:");
});
