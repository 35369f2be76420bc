import { expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { openTrace } from "../../src/trace/open.js";
import { Dump } from "../support/images.js";

/** v6.12-sched, as if CPU 0's writer had still been in the reader page. */
function booted(release: string) {
  const bytes = Uint8Array.from(new Dump("v6.12-sched").bytes());
  const [cpu] = readImage(new MemorySource(bytes)).cpus;
  const { spans } = cpu!.meta!;
  const view = new DataView(bytes.buffer);
  const reader = cpu!.firstBuffer! + BigInt(cpu!.reader.index * cpu!.subbufSize);
  view.setBigUint64(spans.commit_buffer.offset, reader, true);
  return openTrace(readImage(new MemorySource(bytes)), { formats: new Map() }, { asKernel: { release } }).booted!;
}

test("6.12.8 looks for a commit page in the ring, where it is not, and empties the CPU", () => {
  const { messages, cpus } = booted("6.12.8");
  expect(messages[0]).toBe("Ring buffer meta [0] commit page not found");
  expect(cpus[0]).toMatchObject({ verdict: "emptied" });
});

test("6.12.38 knows it by its address", () => {
  const { messages, cpus } = booted("6.12.38");
  expect(messages[0]).toBe("Ring buffer meta [0] is from previous boot!");
  expect(cpus[0]).toMatchObject({ verdict: "kept" });
});
