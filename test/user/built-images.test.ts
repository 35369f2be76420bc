import { expect, test } from "@jest/globals";
import { type Abi, subbufHeaderSize } from "../../src/ground/abi.js";
import { openImage } from "../../src/index.js";
import { kernelBehaviour } from "../../src/kernel/versions/kernel.js";
import { getReader } from "../../src/user/get-reader.js";
import { Mapping } from "../../src/user/mapping.js";
import { stateAfterBoot, stateAsIs } from "../../src/user/state.js";
import { buildImage, SubbufBuilder } from "../support/build-image.js";

/** Machines and layouts that no image at hand comes from. */
const CASES: readonly { abi: Abi; subbufSize: number; nrCpus: number; inject: boolean }[] = [true, false].flatMap(
  (littleEndian) =>
    ([4, 8] as const).flatMap((longSize) =>
      [4096, 65536].flatMap((subbufSize) =>
        [1, 3].map((nrCpus) => ({ abi: { littleEndian, longSize }, subbufSize, nrCpus, inject: longSize === 8 })),
      ),
    ),
);

const NR_SUBBUFS = 7;

function imageOf({ abi, subbufSize, nrCpus, inject }: (typeof CASES)[number], flags = 0n): Uint8Array {
  const meta = 12288 + 4096;
  const chunk = (NR_SUBBUFS + 1) * subbufSize;
  const totalSize = Math.ceil((meta + nrCpus * chunk) / subbufSize) * subbufSize + subbufSize;
  const options = { abi, generation: "global" as const, inject, subbufSize, nrCpus, totalSize };
  const virtualStart = abi.longSize === 8 ? 0xffff888100000000n : 0xc1000000n;
  return buildImage({ ...options, nrSubbufs: fitting(options), virtualStart }, (cpu, id, page) => {
    if (id === 0 || id > 3) return;
    const builder = new SubbufBuilder(page, abi, BigInt(1_000_000 * id + cpu));
    for (let i = 0; i < 10 * id; i++) builder.event(5, new Uint8Array(12).fill(i + 1));
    builder.commit(id === 2 ? flags : 0n);
  });
}

/** As many as alloc_buffer() gives that area: the boot refuses other counts. */
function fitting({
  totalSize,
  nrCpus,
  subbufSize,
  inject,
  abi,
}: {
  totalSize: number;
  nrCpus: number;
  subbufSize: number;
  inject: boolean;
  abi: Abi;
}): number {
  const word = abi.longSize === 8;
  const meta = word ? (inject ? 40 : 32) : 20;
  const scratch = (word ? 24 : 12) + 128 * 64;
  for (let nr = Math.floor(totalSize / subbufSize); nr >= 3; nr--) {
    let at = meta + scratch;
    for (let cpu = 0; cpu < nrCpus; cpu++)
      at = Math.ceil((at + meta + 4 * nr) / subbufSize) * subbufSize + nr * subbufSize;
    if (at <= totalSize) return nr;
  }
  throw new Error("too small");
}

test.each(CASES)(
  "$abi, pages of $subbufSize, $nrCpus CPUs: the mapping is the sub-buffers, and is read to its end",
  async (entry) => {
    const bytes = imageOf(entry);
    const image = await openImage(bytes);
    expect(image.layout.nrCpus).toBe(entry.nrCpus);
    const kernel = kernelBehaviour("7.3.4");
    for (const state of [stateAsIs(image, kernel), stateAfterBoot(image, kernel)])
      for (const { cpu, buffer } of state.cpus) {
        const mapping = new Mapping(buffer!, kernel);
        const { subbufsOffset, nrSubbufs, subbufSize } = image.cpus[cpu]!;
        const all = Buffer.concat([...mapping.pieces()]);
        expect(all.length).toBe((nrSubbufs + 1) * subbufSize);
        const there = bytes.subarray(subbufsOffset, subbufsOffset + nrSubbufs * subbufSize);
        expect(Buffer.compare(all.subarray(subbufSize), there)).toBe(0);
        const view = new DataView(all.buffer);
        expect(view.getUint32(0, entry.abi.littleEndian)).toBe(subbufSize);
        expect(view.getUint32(12, entry.abi.littleEndian)).toBe(nrSubbufs);
        expect(view.getBigUint64(40, entry.abi.littleEndian)).toBe(60n);
        const events = [1, 2, 3, 4].map(() => getReader(mapping).events);
        expect(events).toEqual([10, 20, 30, 0]);
        expect(mapping.meta.read).toBe(60n);
      }
  },
);

test.each(CASES)("$abi, pages of $subbufSize, $nrCpus CPUs: lost events are told in the page itself", async (entry) => {
  const image = await openImage(imageOf(entry));
  const kernel = kernelBehaviour("7.3.4");
  const { buffer } = stateAsIs(image, kernel).cpus[0]!;
  // Events lost since the last swap, as the reader finds it in the page that it takes.
  buffer!.lostEvents = 5;
  const mapping = new Mapping(buffer!, kernel);
  const step = getReader(mapping);
  expect(step.lostEvents).toBe(5);
  expect(step.missedStoredAt).toBeDefined();
  const { area, readerPage } = buffer!;
  expect(area.long(step.missedStoredAt!)).toBe(5n);
  expect(Number(readerPage.commit & 0xffffffffn) >>> 30).toBe(3);
  expect(step.events).toBe(10);
  expect(mapping.meta["reader.lost_events"]).toBe(0n);
});

test.each(CASES)(
  "$abi, pages of $subbufSize, $nrCpus CPUs: the count of lost events is stored where a long has just room",
  async (entry) => {
    const { abi, subbufSize } = entry;
    const bytes = imageOf(entry);
    const { cpus } = await openImage(bytes);
    for (const room of [abi.longSize, abi.longSize - 4]) {
      const at = cpus[0]!.subbufsOffset + subbufSize;
      const builder = new SubbufBuilder(bytes.subarray(at, at + subbufSize), abi, 1_000_000n);
      const payload = subbufSize - subbufHeaderSize(abi) - 8 - room;
      builder.event(5, new Uint8Array(payload).fill(1), true).commit();
      const { buffer } = stateAsIs(await openImage(bytes), kernelBehaviour("7.3.4")).cpus[0]!;
      buffer!.lostEvents = 5;
      const step = getReader(new Mapping(buffer!, kernelBehaviour("7.3.4")));
      expect(step).toMatchObject({ events: 1, lostEvents: 5 });
      expect(step.missedStoredAt).toBe(room === abi.longSize ? at + subbufSize - room : undefined);
    }
  },
);
