import { expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import { openTrace } from "../../src/trace/open.js";
import { buildImage, SubbufBuilder } from "../support/build-image.js";

const abi = { littleEndian: true, longSize: 8 } as const;

/** Type 1, pid 1. */
const EVENT = Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0);

/** Three pages; the second begins with a record that is longer than what was committed. */
function imageOf(): Uint8Array {
  const geometry = { subbufSize: 4096, nrCpus: 1, totalSize: 16 * 4096, nrSubbufs: 13 };
  return buildImage({ abi, generation: "global", ...geometry, virtualStart: 0xffff888100000000n }, (_cpu, id, page) => {
    if (id === 0 || id > 3) return;
    const builder = new SubbufBuilder(page, abi, BigInt(1000 * id));
    if (id === 2) builder.word(28, 1).u32(0);
    else builder.event(1, EVENT).event(1, EVENT);
    builder.commit();
  });
}

function events(release?: string): number {
  const image = readImage(new MemorySource(imageOf(), "built"));
  const view = openTrace(image, { formats: new Map() }, release === undefined ? {} : { asKernel: { release } });
  return [...view.events()].length;
}

test("a kernel that lets such a page through reads no further; rbtool's own view does", () => {
  expect(events("6.17.8")).toBe(2);
  expect(events()).toBe(4);
});
