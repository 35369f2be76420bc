import { expect, test } from "@jest/globals";
import { changesOf } from "../../src/compare/changes.js";
import { openImage } from "../../src/index.js";
import { CopyOnWrite } from "../../src/input/copy-on-write.js";
import { fixture } from "../support/images.js";

test("differences of one field that are close together are one change; farther apart, or of two fields, they are two", async () => {
  const bytes = fixture("v7.3-few").bytes();
  const image = await openImage(bytes);
  const { subbufsOffset } = image.cpus[0]!;
  const changed = (...offsets: readonly number[]) => {
    const after = new CopyOnWrite(image.source, image.source.size);
    for (const at of offsets) after.write(at, Uint8Array.of(bytes[at]! ^ 1));
    const { bytes: count, list } = changesOf(image, after);
    expect(count).toBe(offsets.length);
    return list.map(({ offset, length, what }) => [offset - subbufsOffset, length, what]);
  };
  const data = "CPU 0 sub-buffer index 0 data";
  expect(changed(subbufsOffset + 100, subbufsOffset + 108)).toEqual([[100, 9, data]]);
  expect(changed(subbufsOffset + 100, subbufsOffset + 109)).toEqual([
    [100, 1, data],
    [109, 1, data],
  ]);
  expect(changed(subbufsOffset + 7, subbufsOffset + 8, subbufsOffset + 16)).toEqual([
    [7, 1, "CPU 0 sub-buffer index 0 time_stamp"],
    [8, 1, "CPU 0 sub-buffer index 0 commit"],
    [16, 1, data],
  ]);
});
