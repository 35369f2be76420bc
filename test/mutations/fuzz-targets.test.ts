import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { Target } from "../support/fuzz/target.js";

const FOLDER = join(import.meta.dirname, "../support/fuzz");
const names = readdirSync(FOLDER).filter((file) => file !== "target.ts");

test.each(names)("%s: what the fuzzer begins with holds, and so does its first damage", async (file) => {
  const { target } = (await import(join(FOLDER, file))) as { target: Target };
  const corpus = target.corpus();
  expect(corpus.length).toBeGreaterThan(0);
  for (const bytes of corpus) {
    await target.fuzz(bytes);
    await target.fuzz(bytes.subarray(0, bytes.length >> 1));
  }
});
