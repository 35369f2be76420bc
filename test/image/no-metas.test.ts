import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ExitStatus, inspect, NotAnImageError, openImage, readingOf } from "../../src/index.js";
import { fixture, realImages } from "../support/images.js";
import { rbtool } from "../support/run.js";

/** The image with the metas of all CPUs zeroed, but not buffers[]. */
async function withoutMetas(bytes: Uint8Array) {
  const sound = await openImage(bytes);
  const damaged = bytes.slice();
  for (const { metaOffset } of sound.cpus) damaged.fill(0, metaOffset, metaOffset + sound.layout.geometry.cpuMetaSize);
  return { sound, damaged };
}

const guesses = async (bytes: Uint8Array, writerCpus?: number) => {
  const image = await openImage(bytes, { writerCpus });
  return inspect(image).diagnostics.filter(({ code }) => code === "layout-guessed");
};

const eventsOf = (subbufs: readonly { readonly records: { readonly events: number } }[]) =>
  subbufs.reduce((sum, { records }) => sum + records.events, 0);

test.each(realImages)(
  "$name: without any CPU's meta the layout is found, and no unread event is lacking",
  async (real) => {
    const { sound, damaged } = await withoutMetas(real.bytes());
    const image = await openImage(damaged);
    const { abi, geometry, nrCpus } = sound.layout;
    expect(image.layout).toMatchObject({ abi, geometry, nrCpus });
    const before = readingOf(sound).cpus;
    const after = readingOf(image).cpus;
    for (const { cpu, unread, consumed } of before) {
      const found = after[cpu.cpu]!;
      expect(eventsOf(found.unread)).toBeGreaterThanOrEqual(eventsOf(unread));
      // Head is lost: a consumed sub-buffer that keeps its events cannot be told from an unread one.
      expect(eventsOf(found.unread)).toBeLessThanOrEqual(eventsOf(unread) + eventsOf(consumed));
    }
  },
);

test.each(realImages.filter(({ info }) => !/^6\.1[234]\./.test(info.kernel)))(
  "$name: where the last CPU's buffers[] is lost too, no larger pages with fewer CPUs are seen in it",
  async (real) => {
    const { sound, damaged } = await withoutMetas(real.bytes());
    const { metaOffset, subbufsOffset } = sound.cpus.at(-1)!;
    damaged.fill(0xff, metaOffset, subbufsOffset);
    const { abi, geometry, nrCpus } = sound.layout;
    expect((await openImage(damaged)).layout).toMatchObject({ abi, geometry, nrCpus });
  },
);

/** Workloads that fill several sub-buffers of each CPU. Before 6.15 nothing is left of a header without the metas. */
const busy = realImages.filter(
  ({ name }) => /-(sched|all|all6|read|graph|func|live|8cpu|ext4)$/.test(name) && !/6\.12/.test(name),
);

test.each(busy)("$name: without metas and buffers[] too, the times of the sub-buffers tell the CPUs", async (real) => {
  const { cpus, layout } = await openImage(real.bytes());
  const damaged = real.bytes().slice();
  for (const { metaOffset, subbufsOffset } of cpus) damaged.fill(0, metaOffset, subbufsOffset);
  expect((await openImage(damaged)).layout).toMatchObject({ nrCpus: layout.nrCpus, geometry: layout.geometry });
});

test("a guessed layout is a finding, until somebody says the number of CPUs", async () => {
  const bytes = fixture("v7.3-read").bytes();
  const { damaged } = await withoutMetas(bytes);
  expect(await guesses(bytes)).toEqual([]);
  expect(await guesses(damaged)).toMatchObject([{ severity: "error", offset: 0x2030 }]);
  expect(await guesses(damaged, 2)).toEqual([]);
  expect((await openImage(damaged, { writerCpus: 3 })).layout.nrCpus).toBe(3);
});

test.each(realImages)(
  "$name: a number of CPUs that its metas prove wrong is a finding, the right one is none",
  async (real) => {
    const bytes = real.bytes();
    const { nrCpus } = (await openImage(bytes)).layout;
    const contradicted = async (writerCpus: number) => {
      try {
        const image = await openImage(bytes, { writerCpus });
        return image.diagnostics.list.some(({ code }) => code === "layout-contradicted");
      } catch (error) {
        // No layout of so many CPUs at all.
        if (!(error instanceof NotAnImageError)) throw error;
        return true;
      }
    };
    for (const said of [nrCpus - 1, nrCpus, nrCpus + 1, 2 * nrCpus].filter((count) => count > 0))
      expect({ said, contradicted: await contradicted(said) }).toEqual({ said, contradicted: said !== nrCpus });
  },
);

test("without metas and buffers[], the number of CPUs that is said gives the layout", async () => {
  const bytes = fixture("v7.3-read").bytes();
  const { sound } = await withoutMetas(bytes);
  const damaged = bytes.slice();
  for (const { metaOffset, subbufsOffset } of sound.cpus) damaged.fill(0, metaOffset, subbufsOffset);
  const { layout } = await openImage(damaged, { writerCpus: 2 });
  expect(layout.geometry).toEqual(sound.layout.geometry);
});

test("a command says that the number is a guess and how to name it, and takes it", async () => {
  const { damaged } = await withoutMetas(fixture("v7.3-read").bytes());
  const folder = mkdtempSync(join(tmpdir(), "rbtool-metas-"));
  const image = join(folder, "image.bin");
  try {
    writeFileSync(image, damaged);
    const guessed = await rbtool(["inspect", image]);
    expect(guessed.stderr).toContain("the number of CPUs, 2, is a guess: set it with --writer-cpus");
    const said = await rbtool(["inspect", "--writer-cpus", "2", image]);
    expect(said.stderr).toBe("");
    expect(said.stdout).toContain("10460 events on 2 CPUs");
    expect((await rbtool(["inspect", "--writer-cpus", "3", image])).stdout).toContain("on 3 CPUs");
    expect((await rbtool(["inspect", "--writer-cpus", "0", image])).status).toBe(ExitStatus.Trouble);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
