import { expect, test } from "@jest/globals";
import { UsageError } from "../../src/ground/errors.js";
import { kernelBehaviour } from "../../src/kernel/versions/kernel.js";
import { kernelRanges } from "../../src/kernel/versions/ranges.js";

test("a whole uname -r, two numbers, a future version", () => {
  expect(kernelBehaviour("6.18.15+deb13-cloud-amd64").version).toEqual([6, 18, 15]);
  expect(kernelBehaviour("6.18.15+deb13-cloud-amd64").behaviour.checksEventLength).toBe(false);
  expect(kernelBehaviour("6.18").behaviour.checksEventLength).toBe(true);
  expect(kernelBehaviour("6.18.0").behaviour.checksEventLength).toBe(false);
  expect(kernelBehaviour("v7.3.4").beyondKnown).toBe(false);
  expect(kernelBehaviour("7.9-rc1").beyondKnown).toBe(true);
  expect(kernelBehaviour("7.9-rc1").behaviour).toEqual(kernelBehaviour("7.3").behaviour);
});

test.each(["6.11.9", "5.10", "", "x", "6", "6.12.8.9x!"])("%j is refused or read as far as it is a version", (text) => {
  if (text.startsWith("6.12")) expect(kernelBehaviour(text).version).toEqual([6, 12, 8]);
  else expect(() => kernelBehaviour(text)).toThrow(UsageError);
});

test("what stable updates changed", () => {
  const at = (release: string) => kernelBehaviour(release).behaviour;
  expect([at("6.12.8").checksDuplicates, at("6.12.38").checksDuplicates]).toEqual([false, true]);
  expect([at("6.12.38").checksEventLength, at("6.12.94").checksEventLength]).toEqual([false, true]);
  expect([at("6.19.6").entriesOnPage, at("6.19.10").entriesOnPage]).toEqual([false, true]);
  expect([at("6.19.11").skipsOriginalReader, at("7.1.3").skipsOriginalReader]).toEqual([false, true]);
  expect([at("7.2.6").checksSizes, at("7.2.13").checksSizes]).toEqual(["subbuf-size", "each"]);
  expect([at("6.16.12").rewind, at("6.17.8").rewind, at("7.2.6").rewind]).toEqual(["none", "stop", "skip"]);
});

test("every release belongs to one range", () => {
  const labels = [...kernelRanges("per-cpu"), ...kernelRanges("global")].map(({ label }) => label);
  expect(new Set(labels).size).toBe(labels.length);
  expect(labels.at(-1)).toBe("7.3 and later");
});
