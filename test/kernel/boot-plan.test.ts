import { describe, expect, test } from "@jest/globals";
import { outcomeOf, survey } from "../../src/compare/outcome.js";
import { openImage } from "../../src/index.js";
import type { BootResult } from "../../src/kernel/boot.js";
import { planBoot } from "../../src/kernel/boot-plan.js";
import { kernelBehaviour } from "../../src/kernel/versions/kernel.js";
import { stateOf } from "../../src/report/view-choice.js";
import { openTrace } from "../../src/trace/open.js";
import { buildImage } from "../support/build-image.js";
import { Dump, dumpNames, fixture } from "../support/images.js";
import { oracleCases, patched } from "../support/oracle.js";

/** All of a boot that its conditions decide. */
function essence({ kernel, messages, cpus, virt, uncertain, fault, findings }: BootResult) {
  return { release: kernel.release, messages, cpus, virt, uncertain, fault, findings };
}

/** check (and recover), events --as-kernel, and mmap-layout (and diff) on the same image. */
async function judgeSame(bytes: Uint8Array, release: string): Promise<void> {
  const image = await openImage(bytes);
  const checked = outcomeOf(survey(image), kernelBehaviour(release)).boot;
  const printed = openTrace(image, { formats: new Map() }, { asKernel: { release } }).booted!;
  const mapped = stateOf(image, { kernel: release }).state.boot!;
  for (const other of [printed, mapped]) {
    expect(essence(other)).toEqual(essence(checked));
    expect(Buffer.compare(other.after.read(0), checked.after.read(0))).toBe(0);
  }
}

describe("every command simulates the same boot", () => {
  test.each(dumpNames())("of %s", async (name) => {
    const dump = new Dump(name);
    await judgeSame(dump.bytes(), dump.info.kernel);
  });
  for (const oracle of oracleCases())
    test(`of ${oracle.name}`, async () => {
      await judgeSame(patched(new Dump(oracle.base).bytes(), oracle.patch), oracle.kernel);
    });
});

describe("what nobody said", () => {
  const release = "7.3.4";

  test("is as in the writing boot", async () => {
    const image = await openImage(fixture("v7.3-few").bytes());
    expect(planBoot(image).conditions(kernelBehaviour(release))).toMatchObject({
      virt: image.virtualStart,
      nrCpus: 2,
      onlineCpus: [0, 1],
      pageSize: 4096,
      size: image.source.size,
      inject: false,
    });
  });

  test("gives way to what is wished", async () => {
    const image = await openImage(fixture("v7.3-few").bytes());
    const wishes = { virt: 0xffff_8880_0000_0000n, nrCpus: 4, onlineCpus: [1], pageSize: 65536, size: 1 << 20 };
    expect(planBoot(image, wishes).conditions(kernelBehaviour(release))).toMatchObject(wishes);
    expect(planBoot(image, wishes).size).toBe(1 << 20);
  });

  test("leaves a CPU down that the writer never brought up", async () => {
    const bytes = fixture("v7.3-few").bytes();
    const { cpus } = await openImage(bytes);
    const { metaOffset, subbufsOffset, nrSubbufs, subbufSize } = cpus[1]!;
    bytes.fill(0, metaOffset + 8, metaOffset + 24);
    bytes.fill(0, subbufsOffset, subbufsOffset + nrSubbufs * subbufSize);
    const { onlineCpus } = planBoot(await openImage(bytes)).conditions(kernelBehaviour(release));
    expect(onlineCpus).toEqual([0]);
  });

  test("is as large as the input, where that explains the sub-buffers, else as large as stated", async () => {
    const whole = fixture("v7.3-few").bytes();
    const sizeOf = async (bytes: Uint8Array) => planBoot(await openImage(bytes)).size;
    const stating = (size: number): Uint8Array => {
      const bytes = Uint8Array.from(whole);
      new DataView(bytes.buffer).setBigUint64(8, BigInt(size), true);
      return bytes;
    };
    expect(await sizeOf(whole)).toBe(whole.length);
    expect(await sizeOf(stating(whole.length + 4096))).toBe(whole.length);
    expect(await sizeOf(stating(2 ** 40))).toBe(whole.length);
    expect(await sizeOf(whole.subarray(0, 300_000))).toBe(whole.length);
    // A copy that holds more: less than a sub-buffer, and more.
    for (const more of [100, 1 << 20]) {
      const copy = new Uint8Array(whole.length + more);
      copy.set(whole);
      expect(await sizeOf(copy)).toBe(whole.length);
    }
    const image = await openImage(whole);
    expect(() => planBoot(image, { size: 2 ** 40 + 1 })).toThrow(/too large to boot: the limit is 1099511627776/);
  });

  test("a kernel before 7.2 has no injection, whoever wrote the image", async () => {
    const options = { generation: "global", subbufSize: 4096, nrCpus: 1, totalSize: 65536, nrSubbufs: 13 } as const;
    const abi = { littleEndian: true, longSize: 8 } as const;
    const image = await openImage(buildImage({ ...options, abi, inject: true, virtualStart: 0xffff_8881_0000_0000n }));
    expect(image.layout.inject).toBe(true);
    expect(planBoot(image).conditions(kernelBehaviour("7.3.4")).inject).toBe(true);
    expect(planBoot(image).conditions(kernelBehaviour("7.1.13")).inject).toBe(false);
  });
});
