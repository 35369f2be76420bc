import { expect, test } from "@jest/globals";
import { rawMemory } from "../../src/input/memory/extents.js";
import { MemorySource } from "../../src/input/source.js";
import { areaAt, countChunks } from "../../src/locate/area.js";
import { chunkAt } from "../../src/locate/kinds.js";
import { buildImage } from "../support/build-image.js";

const CPUS = 7;
const SUBBUFS = 5;
const PAGE = 4096;

/** How many CPUs are counted from the first meta on, where those of these CPUs are gone. */
function counted(...gone: readonly number[]): number {
  const bytes = buildImage({
    abi: { littleEndian: true, longSize: 8 },
    generation: "per-cpu",
    subbufSize: PAGE,
    nrCpus: CPUS,
    totalSize: CPUS * (SUBBUFS + 1) * PAGE,
    nrSubbufs: SUBBUFS,
    virtualStart: 0xffff888100000000n,
  });
  // A meta follows the sub-buffers before it, without a gap.
  const stride = SUBBUFS * PAGE + PAGE;
  for (const cpu of gone) bytes.fill(0xff, cpu * stride, cpu * stride + 64);
  const memory = rawMemory(new MemorySource(bytes));
  return countChunks(memory, chunkAt(memory.read(0, PAGE), 0)!);
}

test("CPUs are counted by their metas, over up to three damaged ones in a row", () => {
  expect(counted()).toBe(CPUS);
  expect(counted(2)).toBe(CPUS);
  expect(counted(6)).toBe(6);
  expect(counted(2, 3, 4)).toBe(CPUS);
  expect(counted(2, 3, 4, 5)).toBe(2);
});

class CountedSource extends MemorySource {
  reads = 0;

  override read(offset: number, length: number): Uint8Array {
    this.reads++;
    return super.read(offset, length);
  }
}

test.each([
  ["more than a cut-off area could", 2 ** 28],
  ["unbelievably more", 2 ** 42],
])("a header that names %s is looked at for what the memory holds behind it", (_what, size) => {
  const bytes = new Uint8Array(64 * PAGE);
  const sound = buildImage({
    abi: { littleEndian: true, longSize: 8 },
    generation: "global",
    subbufSize: PAGE,
    nrCpus: 1,
    totalSize: 64 * PAGE,
    nrSubbufs: SUBBUFS,
    virtualStart: 0xffff888100000000n,
  });
  bytes.set(sound.subarray(0, 24), 32 * PAGE);
  new DataView(bytes.buffer).setBigUint64(32 * PAGE + 8, BigInt(size), true);
  const source = new CountedSource(bytes);
  expect(areaAt(rawMemory(source), 32 * PAGE, size)).toBeUndefined();
  expect(source.reads).toBeLessThan(2000);
});
