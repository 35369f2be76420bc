import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { LE64, madeImage, payload } from "../support/made-events.js";
import { rbtool } from "../support/run.js";

const folder = mkdtempSync(join(tmpdir(), "rbtool-one-"));
afterAll(() => rmSync(folder, { recursive: true }));
const image = join(folder, "one.bin");
writeFileSync(image, madeImage(LE64, [(page) => page.event(0, payload(LE64, 5, 100, [[8, 1]]))]));

test.each([
  [["inspect"], /: 1 event on 1 CPU, at \S+ s; nothing damaged/],
  [["stats", "--no-live"], /^1 event at \S+\n/],
  [["check"], /keeps the one event\n/],
  [["diff"], /CPU 0: 1 event, read/],
  [["mmap-layout"], /; 1 event can\s+be read/],
  [["recover", "--kernel", "7.3.4", "-o", join(folder, "out.bin")], /: 1 event, everything kept/],
])("what there is one of is told as one: %j", async (words, told) => {
  const { stdout } = await rbtool([...words, image]);
  expect(stdout).toMatch(told);
  expect(stdout.match(/\b1 (?:events|CPUs|bytes|places|sub-buffers)\b/)).toBeNull();
});
