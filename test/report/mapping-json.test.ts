import { expect, test } from "@jest/globals";
import { openImage } from "../../src/index.js";
import { diffImages } from "../../src/report/diff-images.js";
import { diffViews } from "../../src/report/diff-views.js";
import { type MmapLayoutChoice, mmapLayout } from "../../src/report/mmap-layout.js";
import { whoReport } from "../../src/report/who-may-map.js";
import { Dump, dumpNames } from "../support/images.js";
import { schemaOf } from "../support/schema.js";

const layoutMismatches = schemaOf("mmap-layout");
const diffMismatches = schemaOf("diff");

function expectValid(mismatches: typeof layoutMismatches, report: object): void {
  expect(mismatches(JSON.parse(JSON.stringify(report)))).toEqual([]);
}

test("every JSON document is what its schema says", async () => {
  let documents = 1;
  expectValid(layoutMismatches, whoReport());
  for (const name of dumpNames()) {
    if (/-big$/.test(name)) continue;
    const dump = new Dump(name);
    const image = await openImage(dump.bytes("image.bin.gz"));
    const after = await openImage(dump.bytes("after-boot.bin.gz"));
    const kernel = dump.info.kernel;
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
    expectValid(diffMismatches, diffImages(image, after));
    documents += 5;
  }
  expect(documents).toBeGreaterThan(0);
});
