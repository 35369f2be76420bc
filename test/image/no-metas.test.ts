import { expect, test } from "@jest/globals";
import { inspect, openImage } from "../../src/index.js";
import { realImages } from "../support/images.js";

/** The image with the metas of all CPUs zeroed, but not buffers[]. */
async function withoutMetas(bytes: Uint8Array) {
  const image = await openImage(bytes);
  const damaged = bytes.slice();
  for (const { metaOffset } of image.cpus) damaged.fill(0, metaOffset, metaOffset + image.layout.geometry.cpuMetaSize);
  return { sound: image, damaged };
}

test.each(realImages)(
  "$name: the layout is found without any CPU's meta, and no unread event is lacking",
  async (real) => {
    const { sound, damaged } = await withoutMetas(real.bytes());
    const image = await openImage(damaged);
    expect(image.layout.geometry).toEqual(sound.layout.geometry);
    expect(image.layout.nrCpus).toBe(sound.layout.nrCpus);
    expect(image.layout.abi).toEqual(sound.layout.abi);
    const [before, after] = [inspect(sound), inspect(image)];
    expect(after.diagnostics.filter(({ code }) => code === "layout-guessed")).toMatchObject([{ severity: "error" }]);
    expect(before.diagnostics.filter(({ code }) => code === "layout-guessed")).toEqual([]);
    expect(after.cpus.map(({ events }) => events)).toEqual(before.cpus.map(({ events }) => events));
  },
);
