import { expect, test } from "@jest/globals";
import { compareImages, type SubbufChangeKind } from "../../src/compare/images.js";
import { openImage } from "../../src/index.js";
import { fixture } from "../support/images.js";

const BEFORE = fixture("v7.3-read").bytes();
const COMMIT = 8;
const DATA = 16;

/** What may become of a little-endian sub-buffer of 4K with events, each with its name. */
const CHANGES: readonly (readonly [SubbufChangeKind, string, (page: DataView) => void])[] = [
  ["dropped", "the mark of lost events, and no data", (page) => page.setBigUint64(COMMIT, 0xffffffff80000000n, true)],
  ["zeroed", "all of it zero", (page) => new Uint8Array(page.buffer, page.byteOffset, page.byteLength).fill(0)],
  [
    "cleared",
    "its header zero",
    (page) => {
      page.setBigUint64(0, 0n, true);
      page.setBigUint64(COMMIT, 0n, true);
    },
  ],
  ["cleared", "its commit zero", (page) => page.setBigUint64(COMMIT, 0n, true)],
  [
    "lost-events-noted",
    "the mark beside its data",
    (page) => page.setUint32(COMMIT, (page.getUint32(COMMIT, true) | 0x80000000) >>> 0, true),
  ],
  ["data-changed", "a byte of its data", (page) => page.setUint8(DATA + 20, page.getUint8(DATA + 20) ^ 1)],
  ["written", "a later time", (page) => page.setBigUint64(0, page.getBigUint64(0, true) + 1n, true)],
];

test.each(CHANGES)("a sub-buffer that is %s: %s", async (kind, _, change) => {
  const before = await openImage(BEFORE);
  const cpu = before.cpus[0]!;
  const id = cpu.live[3]!;
  const index = cpu.indexById[id]!;
  const bytes = BEFORE.slice();
  change(new DataView(bytes.buffer, cpu.subbufsOffset + index * cpu.subbufSize, cpu.subbufSize));
  const { cpus, same } = compareImages(before, await openImage(bytes));
  expect(same).toBe(false);
  expect(cpus.map(({ changed }) => changed)).toEqual(cpus.map((_, i) => i === 0));
  expect(cpus[0]!.subbufs).toEqual([expect.objectContaining({ kind, index, idFrom: id, idTo: id })]);
  expect(compareImages(before, before).same).toBe(true);
});
