import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { outcomeOf, survey } from "../../src/compare/outcome.js";
import { NotAnImageError } from "../../src/ground/errors.js";
import { readImage } from "../../src/image/image.js";
import { openImage } from "../../src/index.js";
import { MemorySource } from "../../src/input/source.js";
import { boot } from "../../src/kernel/boot.js";
import { planBoot } from "../../src/kernel/boot-plan.js";
import { BOOT_CHANGES } from "../../src/kernel/versions/boot.js";
import { kernelBehaviour } from "../../src/kernel/versions/kernel.js";
import { salvage } from "../../src/reading/salvage/salvage.js";
import { Dump, dumpNames } from "../support/images.js";

const RELEASES = BOOT_CHANGES.map(({ since }) => since);
const NAMES = dumpNames().filter((name) =>
  /^(v6\.12-rewind|v7\.1-rewind|v7\.3-read|v7\.3-few|s390x-7\.2-few|armhf-7\.2-few)$/.test(name),
);

/** Damage where it does most: headers, buffers[], sub-buffer headers, first records; sometimes anywhere. */
const damage = fc.array(
  fc.tuple(
    fc.oneof(
      fc.nat(0x60),
      fc.integer({ min: 0x2000, max: 0x2200 }),
      fc.nat(127).map((page) => page * 4096),
      fc.nat(127).map((page) => page * 4096 + 16),
      fc.nat(0x7ffff),
    ),
    fc.nat(31),
    fc.oneof(fc.constant(0), fc.constant(0xff), fc.constant(0x1d), fc.constant(0x1f), fc.nat(255)),
  ),
  { minLength: 1, maxLength: 24 },
);

test("whatever the bytes, a boot ends with a verdict, and salvage with an image that the newest kernel keeps", async () => {
  expect(NAMES.length).toBeGreaterThan(2);
  const images = NAMES.map((name) => new Dump(name));
  const bytesOf = new Map(images.map((dump) => [dump.name, dump.bytes("image.bin.gz")]));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...images),
      fc.constantFrom(...RELEASES),
      damage,
      async (dump, release, patches) => {
        const bytes = Uint8Array.from(bytesOf.get(dump.name)!);
        for (const [at, more, value] of patches) bytes[(at + more) % bytes.length] = value;
        const before = Uint8Array.from(bytes);
        const result = boot(new MemorySource(bytes), {
          kernel: kernelBehaviour(release),
          abi: dump.abi,
          pageSize: dump.info.pagesize,
          nrCpus: dump.info.cpus,
        });
        expect(Buffer.compare(bytes, before)).toBe(0);
        expect(result.cpus.length).toBe(dump.info.cpus);
        const image = await openImage(bytes).catch((error: unknown) => {
          if (error instanceof NotAnImageError) return null;
          throw error;
        });
        if (!image) return;
        const surveyed = survey(image);
        outcomeOf(surveyed, kernelBehaviour(release));
        const saved = salvage(image, surveyed.plan.size);
        const again = await openImage(saved.area.read(0));
        if ((again.scratch?.clockId ?? 0) !== 0) return;
        const newest = kernelBehaviour(again.layout.generation === "global" ? "7.3" : "6.12.107");
        expect(outcomeOf(survey(again), newest).summary).toBe("keeps-everything");
      },
    ),
    { numRuns: Number(process.env.RBTOOL_RUNS ?? 40) },
  );
}, 240_000);

test("a truncated image boots at every length", () => {
  const dump = new Dump(NAMES.includes("v7.3-few") ? "v7.3-few" : NAMES[0]!);
  const whole = dump.bytes("image.bin.gz");
  for (let length = 0; length < whole.length; length += length < 9000 ? 97 : 30011) {
    const conditions = { kernel: kernelBehaviour("7.3"), abi: dump.abi, pageSize: dump.info.pagesize, nrCpus: 2 };
    expect(boot(new MemorySource(whole.subarray(0, length)), conditions).cpus.length).toBe(2);
    expect(
      boot(new MemorySource(whole.subarray(0, length)), { ...conditions, kernel: kernelBehaviour("6.12.8") }).cpus
        .length,
    ).toBe(2);
  }
});

test.each([
  [0xfffffffc, "endless-loop", "lead back to themselves"],
  [0xf0000000, "unknown-memory", "lead out of the area"],
])("6.12.8, an event of %i bytes and four: %s", (length, kind, words) => {
  const dump = new Dump("v6.12-rewind");
  const bytes = Uint8Array.from(dump.bytes("image.bin.gz"));
  const view = new DataView(bytes.buffer);
  const image = readImage(new MemorySource(bytes));
  // The first event of every sub-buffer: type 0, whose length stands in the next word.
  for (const { subbufsOffset, subbufSize, nrSubbufs } of image.cpus)
    for (let index = 0; index < nrSubbufs; index++) {
      view.setUint32(subbufsOffset + index * subbufSize + 16, 0, true);
      view.setUint32(subbufsOffset + index * subbufSize + 20, length, true);
    }
  const { fault } = planBoot(image, {}).boot(kernelBehaviour("6.12.8"));
  expect(fault).toMatchObject({ kind, cpu: 0 });
  expect(fault!.message).toContain(words);
});
