import { expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { writingKernel } from "../../src/system/writing-kernel.js";
import { openTrace } from "../../src/trace/open.js";
import { Dump } from "../support/images.js";
import { dumpContext, traceFileOf } from "../support/kernel-text.js";

/** Where one line of 64 bytes is zeroed in the image. */
const LINE = 0xd440;

/** What 6.12.107 printed of the zeroed line and of the bytes behind it that it took for records: a real boot of that image. */
const PRINTED = `\
           <...>-257     [000] .....    54.729610: Unknown type 4846
           <...>-257     [000] .....    54.729610: Unknown type 4846
           <...>-257     [000] .....    54.729610: Unknown type 4846
           <...>-257     [000] .....    54.729610: Unknown type 4846
           <...>-257     [000] .....    54.729610: Unknown type 4846
           <...>-257     [000] .....    54.729610: Unknown type 4846
           <...>-257     [000] .....    54.729610: Unknown type 4846
           <...>-72      [000] .....    54.729610: Unknown type 4846
           <...>-788555128 [000] dNh56    54.782799: Unknown type 26220
           <...>-1852375141 [000] dNz87    54.839630: Unknown type 12134
           <...>-983060  [000] .....    54.839630: Unknown type 4846
`;

test("zeros are events of four bytes, of which a kernel prints what earlier records left in its copy", () => {
  const dump = new Dump("v6.12-rewind");
  const bytes = Uint8Array.from(dump.bytes()).fill(0, LINE, LINE + 64);
  const text = traceFileOf(readImage(new MemorySource(bytes)), dumpContext(dump), {
    release: "6.12.107",
    onlineCpus: 2,
    text: undefined,
  });
  expect(text.match(/.*Unknown type (4846|26220|12134)\n/g)?.join("")).toBe(PRINTED);
});

test("a record that leads beyond the end makes a kernel print its sub-buffer again and again: that is told", () => {
  const image = (bytes: Uint8Array) => readImage(new MemorySource(bytes));
  const dump = new Dump("v7.1-rewind");
  const bytes = Uint8Array.from(dump.bytes());
  const asKernel = { release: "6.16.12", onlineCpus: 2, text: undefined };
  const { formats } = writingKernel(dumpContext(dump));
  const record = openTrace(image(bytes), { formats }, { asKernel, cpus: [0] })
    .events()
    .next()!.offset;
  // The first record of a kernel's reading, and a later one of the same sub-buffer.
  const view = new DataView(bytes.buffer);
  const later = record + 4 + 4 * (view.getUint32(record, true) & 31);
  view.setUint32(later, view.getUint32(later, true) & ~31, true);
  view.setUint32(later + 4, 0x7000, true);
  const trace = openTrace(image(bytes), { formats }, { asKernel });
  expect([...trace.events()].length).toBeGreaterThan(1000);
  expect(trace.notes).toContain(
    `CPU 0: this kernel prints the sub-buffer at 0x${(record - 16).toString(16)} again and again, without an end; here it is printed once`,
  );
});
