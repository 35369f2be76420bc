import { expect, test } from "@jest/globals";
import { parseRelease } from "../../src/ground/release.js";
import {
  layoutKernels,
  layoutWrittenBy,
  scratchSize,
  structSizes,
  usualBuffersOffset,
  WRITER_LAYOUTS,
} from "../../src/ring/layouts.js";

const LE64 = { littleEndian: true, longSize: 8 } as const;
const LE32 = { littleEndian: true, longSize: 4 } as const;

test("each layout names the kernels that write it, and the numbers that they write", () => {
  const rows = WRITER_LAYOUTS.map((layout) => [
    layoutKernels(layout),
    ...[LE64, LE32].flatMap((abi) => [
      structSizes(layout, abi),
      scratchSize(layout, abi),
      usualBuffersOffset(layout, abi),
    ]),
  ]);
  expect(rows).toEqual([
    ["6.16 and later", 0x00180020, 8216, 8240, 0x00100014, 8204, 8220],
    ["6.15", 0x00180020, 8208, 8232, 0x00100014, 8200, 8216],
    ["7.2 and later, with CONFIG_RING_BUFFER_PERSISTENT_INJECT", ...[0x00180028, 8216, 8240, 0x0010001c, 8204, 8220]],
    ["6.12 to 6.14", 56, 0, 0, 36, 0, 0],
  ]);
});

test.each([
  ["6.12.8", "6.12 to 6.14", false],
  ["6.14", "6.12 to 6.14", false],
  ["6.15.3", "6.15", false],
  ["6.16.0", "6.16 and later", false],
  ["7.1.13", "6.16 and later", false],
  ["7.2.0", "6.16 and later", true],
  ["9.9", "6.16 and later", true],
])("%s writes the layout of %s; with CONFIG_RING_BUFFER_PERSISTENT_INJECT another: %s", (text, label, another) => {
  const release = parseRelease(text)!;
  const plain = layoutWrittenBy(release);
  expect(layoutKernels(plain)).toBe(label);
  expect(layoutWrittenBy(release, true).inject).toBe(another);
});
