import { describe, expect, test } from "@jest/globals";
import { check, diffViews, inspect, mmapLayout, openImage } from "../../src/index.js";
import { fixture } from "../support/images.js";

/** An image with something wrong in its header, a meta, and two sub-buffers. */
function damaged(): Uint8Array {
  const bytes = fixture("v7.3-few").bytes();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(0, 0, true);
  view.setBigUint64(8240, 0x1234n, true);
  for (const page of [3, 4]) view.setBigUint64(page * 4096 + 8, 0x7fffn, true);
  return bytes;
}

describe("an opened image", () => {
  test("cannot be changed", async () => {
    const image = await openImage(damaged());
    expect(image.diagnostics.list.length).toBeGreaterThan(1);
    for (const part of [image, image.layout, image.cpus, image.cpus[0], image.diagnostics, image.diagnostics.list])
      expect(Object.isFrozen(part)).toBe(true);
  });

  test("gives the same report twice, whatever was asked between", async () => {
    const image = await openImage(damaged());
    // As documents: what has millions of members is made as it is read.
    const reports = () =>
      JSON.parse(
        JSON.stringify({
          inspect: inspect(image, { pages: true }),
          check: check(image, {}, { kernels: ["7.3.4"], all: false }),
          mmapLayout: mmapLayout(image, { steps: 2 }).report,
          diff: diffViews(image, {}),
        }),
      );
    const first = reports();
    expect(first.inspect.diagnostics.length).toBeGreaterThan(image.diagnostics.list.length);
    expect(first.diff.cpus[0].views.pages.length).toBeGreaterThan(0);
    expect(reports()).toEqual(first);
  });
});
