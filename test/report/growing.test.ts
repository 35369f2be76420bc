import { expect, test } from "@jest/globals";
import { Sequence } from "../../src/ground/sequence.js";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { diffViews } from "../../src/report/diff-views.js";
import { inspect } from "../../src/report/inspect.js";
import { mmapLayout } from "../../src/report/mmap-layout.js";
import { salvageImage } from "../../src/report/recover.js";
import { fixture } from "../support/images.js";

test("what a report tells of each sub-buffer is made as it is read, and not held", () => {
  const image = readImage(new MemorySource(fixture("v7.3-read").bytes()));
  const lists = {
    inspect: inspect(image, { pages: true }).cpus.flatMap(({ pages, buffers }) => [pages, buffers]),
    salvage: salvageImage(image, {}, "-", false).report.cpus.map(({ pages }) => pages),
    mapping: mmapLayout(image, {}).report.cpus.map(({ pages }) => pages),
    views: diffViews(image, { pages: true }).cpus.map(({ views }) => views!.pages),
  };
  for (const [report, found] of Object.entries(lists))
    for (const list of found)
      expect([report, list instanceof Sequence, list!.length > 0]).toEqual([report, true, true]);
});
