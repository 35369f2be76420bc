import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import { type DiffOptions, diffImages, diffViews } from "../../src/commands/diff.js";
import { type MmapLayoutOptions, mmapLayout, whoReport } from "../../src/commands/mmap-layout.js";
import { openImage } from "../../src/index.js";
import { Dump, dumpNames } from "../kernel/dumps.js";

const ajv = new Ajv2020({ allowUnionTypes: true });
const validatorOf = (name: string) =>
  ajv.compile(JSON.parse(readFileSync(new URL(`../../schemas/${name}.json`, import.meta.url), "utf8")));
const validLayout = validatorOf("mmap-layout");
const validDiff = validatorOf("diff");

function expectValid(validate: typeof validLayout, report: object): void {
  validate(JSON.parse(JSON.stringify(report)));
  expect(validate.errors ?? []).toEqual([]);
}

test("every JSON document is what its schema says", async () => {
  let documents = 1;
  expectValid(validLayout, whoReport());
  for (const name of dumpNames()) {
    if (/-big$/.test(name)) continue;
    const dump = new Dump(name);
    const image = await openImage(dump.bytes("image.bin.gz"));
    const after = await openImage(dump.bytes("after-boot.bin.gz"));
    const kernel = dump.info.kernel;
    const layout: MmapLayoutOptions = { color: "never", kernel, prot: 1, flags: "shared", pgoff: 0, steps: 2 };
    expectValid(validLayout, mmapLayout(image, layout).report);
    expectValid(
      validLayout,
      mmapLayout(image, { ...layout, asIs: true, follow: true, events: true, phys: BigInt(dump.info.addr) }).report,
    );
    expectValid(validLayout, mmapLayout(image, { ...layout, prot: 3 }).report);
    expectValid(validDiff, diffViews(image, { kernel, pages: true } as DiffOptions));
    expectValid(validDiff, diffImages(image, after));
    documents += 5;
  }
  expect(documents).toBeGreaterThan(0);
});
