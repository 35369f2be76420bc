import { expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { openTrace } from "../../src/trace/open.js";
import { Dump } from "../support/images.js";

/** What a kernel prints of v7.1-rewind, where a sub-buffer of CPU 1 has this commit. */
function messagesWith(commit: number, release: string): readonly string[] {
  const bytes = Uint8Array.from(new Dump("v7.1-rewind").bytes());
  const { subbufsOffset } = readImage(new MemorySource(bytes)).cpus[1]!;
  new DataView(bytes.buffer).setBigUint64(subbufsOffset + 3 * 4096 + 8, BigInt(commit), true);
  const spec = { asKernel: { release } };
  return openTrace(readImage(new MemorySource(bytes)), { formats: new Map() }, spec).booted!.messages;
}

test("a commit beyond the sub-buffer has a CPU reset before its events are looked at; one of its very size has not", () => {
  const reset = "Ring buffer boot meta [1] buffer invalid commit";
  expect(messagesWith(4097, "7.1.13")).toContain(reset);
  expect(messagesWith(4096, "7.1.13")).not.toContain(reset);
  // Since 7.2 that is no longer checked there: the sub-buffer alone is dropped.
  expect(messagesWith(4097, "7.3.4")).not.toContain(reset);
});
