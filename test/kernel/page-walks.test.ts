import { expect, test } from "@jest/globals";
import { CopyOnWrite } from "../../src/input/copy-on-write.js";
import { MemorySource } from "../../src/input/source.js";
import { Area } from "../../src/kernel/area.js";
import { BufferPages } from "../../src/kernel/buffer-page.js";
import { PageWalk } from "../../src/kernel/events.js";
import { PageWalks } from "../../src/kernel/page-walks.js";

const PAGE = 4096;

/** A sub-buffer at this place of memory that nobody has written to. */
function pageAt(offset: number) {
  const area = new Area(
    new CopyOnWrite(new MemorySource(new Uint8Array(4 * PAGE)), 4 * PAGE),
    { littleEndian: true, longSize: 8 },
    { pageSize: PAGE, virt: 0n },
  );
  const pages = new BufferPages(area, 1);
  pages.offset[0] = offset;
  return { area, page: pages.at(0) };
}

const found = Object.assign(new PageWalk(), { events: 0, steps: 3, timeStamp: 1n << 60n, plain: true });

test("what a boot found is told to the next, as long as the sub-buffer is as it was", () => {
  const walks = new PageWalks();
  const { area, page } = pageAt(PAGE);
  const walk = Object.assign(new PageWalk(), { fault: "event-length" as const, leftArea: true });
  expect(walks.find(page, 40, walk)).toBe(false);
  walks.note(page, 40, found);
  expect(walks.find(page, 40, walk)).toBe(true);
  expect(walk).toMatchObject({ events: 0, steps: 3, timeStamp: 1n << 60n, fault: undefined, leftArea: false });
  expect(walks.find(pageAt(2 * PAGE).page, 40, walk)).toBe(false);
  area.setU32(PAGE + 100, 1);
  expect(walks.find(page, 40, walk)).toBe(false);
  walks.note(page, 40, Object.assign(new PageWalk(), found, { steps: 9 }));
  expect(walks.find(pageAt(PAGE).page, 40, walk)).toBe(true);
  expect(walk.steps).toBe(3);
});

test.each([
  ["beyond the sub-buffer", PAGE, PAGE],
  ["of a commit below zero", PAGE, -8],
  ["of a sub-buffer that lies askew", PAGE + 64, 40],
])("a walk %s is told to nobody", (_, offset, tail) => {
  const walks = new PageWalks();
  const { page } = pageAt(offset);
  walks.note(page, tail, found);
  expect(walks.find(page, tail, new PageWalk())).toBe(false);
});
