import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { fixture } from "../support/images.js";
import { rbtool } from "../support/run.js";
import { schemaOf } from "../support/schema.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const BYTES = fixture("v7.3-read").bytes();
const whole = join(folder, "whole");
const cut = join(folder, "cut");
writeFileSync(whole, BYTES);
/** In sub-buffer 21 of CPU 0; nothing of CPU 1. */
writeFileSync(cut, BYTES.subarray(0, 100_000));
const SAID =
  "cut: the file ends at 100000 of 524288 bytes: CPU 0 from sub-buffer 21 on and CPU 1 are missing; copy it again";

test.each([
  ["inspect", cut],
  ["events", "--no-live", cut],
  ["stats", "--no-live", cut],
  ["last", "--no-live", cut],
  ["timeline", "--no-live", cut],
  ["latency", "--no-live", cut],
  ["export", "--no-live", "--to", "csv", "-o", "-", cut],
  ["mmap-layout", cut],
  ["diff", cut, whole],
  ["page", cut, "0:@30"],
])("%s says that the file is cut", async (...words) => {
  const { stderr } = await rbtool(words);
  expect(stderr).toContain(SAID);
});

test("what the file has not holds no records that cannot be read", async () => {
  const events = await rbtool(["events", "--no-live", cut]);
  expect(events.stderr).toContain("rbtool: 1 sub-buffer holds records that cannot be read");
  const last = await rbtool(["last", "--no-live", cut]);
  expect(last.stdout).toMatch(/^the file is cut short: the end may not be in it; CPU 0 logged to the end/);
  expect(last.stdout).toContain("CPU 1: sub-buffer 0 is not in the file [@0x42000]");
});

test("page: bytes that are not there are not told as zeros", async () => {
  const { stdout } = await rbtool(["page", cut, "0:@30"]);
  expect(stdout).toContain("the file ends before it: 4096 bytes are missing");
  const part = JSON.parse((await rbtool(["page", "--json", cut, "0:@21"])).stdout);
  expect(part.length + part.missing).toBe(4096);
  expect(schemaOf("page")(part)).toEqual([]);
});

test.each([
  [whole, cut],
  [cut, whole],
])("diff: what one of two files has not is not compared", async (before, after) => {
  const { stdout, status } = await rbtool(["diff", "--exit-code", before, after]);
  expect(stdout).toMatch(/: 103 sub-buffers not in both files;\s/);
  expect(stdout).not.toMatch(/zeroed|written|readers took|made new|none/);
  expect(status).toBe(1);
  const report = JSON.parse((await rbtool(["diff", "--json", before, after])).stdout);
  expect(schemaOf("diff")(report)).toEqual([]);
  expect(report.same).toBe(false);
  expect((await rbtool(["diff", "--exit-code", cut, cut])).status).toBe(0);
});
