import { expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { openTrace } from "../../src/trace/open.js";
import { Dump } from "../support/images.js";

/** v7.1-rewind with a CPU's nr_subbufs one less, which 6.15 to 7.2.11 do not check; what 7.1.13 did is from real boots. */
function traceOf(cpu: number, release: string) {
  const dump = new Dump("v7.1-rewind");
  const bytes = Uint8Array.from(dump.bytes());
  const at = readImage(new MemorySource(bytes)).cpus[cpu]!.buffersOffset - 4;
  const view = new DataView(bytes.buffer);
  view.setUint32(at, view.getUint32(at, true) - 1, true);
  return openTrace(readImage(new MemorySource(bytes)), { formats: new Map() }, { asKernel: { release } });
}

test("without a buffer of the boot CPU there is no instance", () => {
  const { booted } = traceOf(0, "7.1.13");
  expect(booted).toMatchObject({
    refused: true,
    messages: ["Tracing: Failed to create instance buffer (null)"],
    cpus: [{ verdict: "not-reached" }, { verdict: "not-reached" }],
  });
  expect(traceOf(0, "7.2.6").booted!.messages).toEqual(["Tracing: Failed to create instance buffer 'boot_map' (-12)"]);
});

test("another CPU without a buffer does not come up", () => {
  const { booted, onlineCpus } = traceOf(1, "7.1.13");
  expect(booted).toMatchObject({
    refused: false,
    messages: [
      "Ring buffer [0] rewound 8 pages",
      "Ring buffer meta [0] is from previous boot!",
      "failed to allocate ring buffer on CPU 1",
      "failed to allocate ring buffer on CPU 1",
    ],
    cpus: [{ verdict: "kept", stats: { entries: 1248, bytes: 58804n } }, { verdict: "not-reached" }],
  });
  // #P:1 in its trace file.
  expect(onlineCpus).toBe(1);
});
