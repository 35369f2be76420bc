import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { kernelsFor, survey } from "../../src/compare/outcome.js";
import { type Image, readImage } from "../../src/image/image.js";
import { MemorySource } from "../../src/input/source.js";
import type { BootResult } from "../../src/kernel/boot.js";
import { planBoot } from "../../src/kernel/boot-plan.js";
import { fixtureImages } from "../support/images.js";
import { randomOf } from "../support/random.js";

/** All that a boot says and leaves. */
function told({ after, ring, kernel, ...rest }: BootResult) {
  const hash = createHash("sha256");
  for (const { all } of ring) hash.update(all.entries);
  for (const piece of after.pieces()) hash.update(piece);
  return { ...rest, bytes: hash.digest("hex") };
}

/** Words of another value in a few places of metas, headers and records. */
function* damaged(sound: Uint8Array): Generator<Uint8Array> {
  yield sound;
  const random = randomOf(11);
  const below = (limit: number): number => Math.floor(random() * limit);
  for (let round = 0; round < 6; round++) {
    const bytes = sound.slice();
    for (let place = 0; place < 1 + round; place++) {
      const page = below(bytes.length / 4096) * 4096;
      const at = page + 4 * (below(2) === 0 ? below(8) : below(1024));
      new DataView(bytes.buffer).setUint32(at, below(3) === 0 ? 0 : below(2 ** below(33)), true);
    }
    yield bytes;
  }
}

test.each(fixtureImages)("$name: kernels find the same by what others read as by themselves", (dump) => {
  for (const bytes of damaged(dump.bytes())) {
    const open = (): Image => readImage(new MemorySource(bytes), { writerCpus: dump.info.cpus });
    const together = survey(open()).plan;
    for (const { kernel } of kernelsFor(open(), true))
      expect(told(together.boot(kernel))).toEqual(told(planBoot(open()).boot(kernel)));
  }
});

/** Counts what is read of it. */
class Counted extends MemorySource {
  bytesRead = 0;

  override read(offset: number, length: number): Uint8Array {
    this.bytesRead += length;
    return super.read(offset, length);
  }
}

test("what one kernel read of a large ring, the others do not read again", () => {
  const bytes = fixtureImages.find(({ name }) => name === "v7.3-read")!.bytes();
  const source = new Counted(bytes);
  const image = readImage(source);
  const { plan } = survey(image);
  const read = kernelsFor(image).map(({ kernel }) => {
    source.bytesRead = 0;
    plan.boot(kernel);
    return source.bytesRead;
  });
  expect(read.length).toBeGreaterThan(3);
  for (const later of read.slice(1)) expect(later).toBeLessThan(read[0]! / 4);
});
