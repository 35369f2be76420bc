import { expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { last } from "../../src/report/last.js";
import { writingKernel } from "../../src/system/writing-kernel.js";
import { openTrace } from "../../src/trace/open.js";
import { fixture } from "../support/images.js";
import { dumpContext } from "../support/kernel-text.js";

const DUMP = fixture("v7.3-read");
const WRITER = writingKernel(dumpContext(DUMP));
const CPU = 1;

test("a CPU whose last records are overwritten is not called silent: what it logged last cannot be read", () => {
  const bytes = DUMP.bytes();
  const sound = readImage(new MemorySource(bytes.slice())).cpus[CPU]!;
  for (const id of sound.live.slice(-40)) {
    const at = sound.subbufsOffset + sound.indexById[id]! * sound.subbufSize;
    bytes.fill(0xff, at, at + sound.subbufSize);
  }
  const trace = openTrace(readImage(new MemorySource(bytes)), WRITER, { sure: true, gaps: true });
  const report = last(trace, 3);
  expect(report.torn.filter(({ cpu }) => cpu === CPU).every(({ atEnd }) => atEnd)).toBe(true);
  expect(report.torn.some(({ cpu }) => cpu === CPU)).toBe(true);
  expect(report.cpus[CPU]!.torn).toBe(true);
  expect(report.answer).toContain(`CPU ${CPU}'s last events cannot be read: the last that can is `);
  expect(report.answer).not.toContain(`CPU ${CPU} fell silent`);
});
