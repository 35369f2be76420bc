import { expect, test } from "@jest/globals";
import { openImage } from "../../src/index.js";
import { kernelBehaviour } from "../../src/kernel/versions/kernel.js";
import { Mapping } from "../../src/user/mapping.js";
import { stateAsIs } from "../../src/user/state.js";
import { realImages } from "../support/images.js";
import { difference } from "../support/oracle.js";

/**
 * The writing boot's own mapping, made after tracing was stopped and before the memory was saved: the sub-buffers are
 * the image's. Of the meta page, the counters lie outside the area; sizes, flags and the reader's id do not.
 */
const images = realImages.filter((dump) => dump.has("before.cpu0.map0.bin.gz"));
if (images.length === 0) test.skip("no image with the first boot's own mapping", () => {});

for (const dump of images)
  test(`${dump.name}: --as-is is the writing boot's own mapping of the same bytes`, async () => {
    const image = await openImage(dump.bytes());
    const kernel = kernelBehaviour(dump.info.kernel);
    const { cpus } = stateAsIs(image, kernel);
    expect(cpus).toHaveLength(dump.info.cpus);
    for (const { cpu, buffer } of cpus) {
      const mapping = new Mapping(buffer!, kernel);
      const real = dump.bytes(`before.cpu${cpu}.map0.bin.gz`);
      const ours = Buffer.concat([...mapping.pieces()]);
      const bytes = difference(ours.subarray(mapping.metaPageSize), real.subarray(mapping.metaPageSize));
      const [first] = dump.text(`before.cpu${cpu}.mmap0.txt`).trim().split("\n");
      const fields = Object.fromEntries(first!.split(" ").map((pair) => pair.split("=") as [string, string]));
      expect({ cpu, bytes, id: mapping.meta["reader.id"], nrSubbufs: mapping.meta.nr_subbufs }).toEqual({
        cpu,
        bytes: undefined,
        id: BigInt(fields.id!),
        nrSubbufs: BigInt(fields.nr_subbufs!),
      });
      // What is unread now, the real counters say in three numbers; less where the reader stands within its page.
      const unread = Number(fields.entries) - Number(fields.overrun) - Number(fields.nread);
      if (Number(fields.nread) > 0 && Number(fields.read) > 0) expect(buffer!.numOfEntries()).toBeGreaterThan(unread);
      else expect(buffer!.numOfEntries()).toBe(unread);
    }
  });
