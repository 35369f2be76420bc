import { expect, test } from "@jest/globals";
import { openImage } from "../../src/index.js";
import { diffImages } from "../../src/report/diff-images.js";
import { diffViews } from "../../src/report/diff-views.js";
import { type MmapLayoutChoice, mmapLayout } from "../../src/report/mmap-layout.js";
import { whoReport } from "../../src/report/who-may-map.js";
import { realImages } from "../support/images.js";
import { schemaOf } from "../support/schema.js";

const layoutMismatches = schemaOf("mmap-layout");
const diffMismatches = schemaOf("diff");

function expectValid(mismatches: typeof layoutMismatches, report: object): void {
  expect(mismatches(JSON.parse(JSON.stringify(report)))).toEqual([]);
}

test("who may map: the JSON document is what its schema says", () => {
  expectValid(layoutMismatches, whoReport());
});

test.each(realImages.filter(({ info }) => info.bytes < 8 << 20))(
  "$name: mmap-layout and diff give the documents of their schemas",
  async (dump) => {
    const image = await openImage(dump.bytes());
    const { kernel } = dump.info;
    const layout: MmapLayoutChoice = { kernel, steps: 2 };
    expectValid(layoutMismatches, mmapLayout(image, layout).report);
    expectValid(
      layoutMismatches,
      mmapLayout(image, { ...layout, asIs: true, follow: true, events: true, phys: BigInt(dump.info.addr) }).report,
    );
    expectValid(
      layoutMismatches,
      mmapLayout(image, { ...layout, request: { pgoff: 0, prot: 3, type: "shared" } }).report,
    );
    expectValid(diffMismatches, diffViews(image, { kernel, pages: true }));
    // Where nobody saved the area as the boot left it, the image stands for it.
    const after = await openImage(dump.bytes(dump.has("after-boot.bin.gz") ? "after-boot.bin.gz" : "image.bin.gz"));
    expectValid(diffMismatches, diffImages(image, after));
  },
);
