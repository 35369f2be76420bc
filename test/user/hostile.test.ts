import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { NotAnImageError } from "../../src/ground/errors.js";
import { type Image, openImage } from "../../src/index.js";
import type { Io } from "../../src/io.js";
import { MAP_CHANGES } from "../../src/kernel/versions/mapping.js";
import { READER_CHANGES } from "../../src/kernel/versions/reading.js";
import { renderDiff } from "../../src/render/diff.js";
import { renderImageDiff } from "../../src/render/diff-images.js";
import { renderMmapLayout } from "../../src/render/mmap-layout.js";
import type { Paper } from "../../src/render/paper.js";
import { styleFor } from "../../src/render/style.js";
import { diffImages } from "../../src/report/diff-images.js";
import { diffViews } from "../../src/report/diff-views.js";
import { type MmapLayoutChoice, mmapLayout } from "../../src/report/mmap-layout.js";
import { Dump, dumpNames } from "../support/images.js";

const RELEASES = [
  "6.12.8",
  "6.12.107",
  "6.16",
  "6.18.15",
  "7.1.13",
  "7.2.6",
  "7.3",
  ...[...READER_CHANGES, ...MAP_CHANGES].map(({ since }) => since),
];
const NAMES = dumpNames().filter((name) =>
  /^(v6\.12-rewind|v7\.1-rewind|v7\.3-read|v7\.3-few|s390x-7\.2-few|armhf-7\.2-few)$/.test(name),
);

/** Damage where it does most: headers, buffers[], sub-buffer headers, first records; sometimes anywhere. */
const damage = fc.array(
  fc.tuple(
    fc.oneof(
      fc.integer({ min: 0x2000, max: 0x2200 }),
      fc.nat(127).map((page) => page * 4096),
      fc.nat(127).map((page) => page * 4096 + 8),
      fc.nat(127).map((page) => page * 4096 + 16),
      fc.nat(0x7ffff),
    ),
    fc.nat(31),
    fc.oneof(fc.constant(0), fc.constant(0xff), fc.constant(0x1d), fc.constant(0x80), fc.nat(255)),
  ),
  { minLength: 1, maxLength: 24 },
);

const paper: Paper = {
  columns: 80,
  unicode: true,
  wide: false,
  style: styleFor({ stdoutIsTerminal: true, env: {} } as unknown as Io, "always"),
};

async function open(bytes: Uint8Array): Promise<Image | null> {
  return openImage(bytes).catch((error: unknown) => {
    if (error instanceof NotAnImageError) return null;
    throw error;
  });
}

test("whatever the bytes, both commands end with a report, and never write to the image", async () => {
  expect(NAMES.length).toBeGreaterThan(2);
  const images = NAMES.map((name) => ({ name, bytes: new Dump(name).bytes("image.bin.gz") }));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...images),
      fc.constantFrom(...RELEASES),
      fc.boolean(),
      damage,
      async ({ bytes: whole }, kernel, asIs, patches) => {
        const bytes = Uint8Array.from(whole);
        for (const [at, more, value] of patches) bytes[(at + more) % bytes.length] = value;
        const before = Uint8Array.from(bytes);
        const image = await open(bytes);
        if (!image) return;
        const common = { kernel, ...(asIs ? { asIs: true as const } : {}) };
        const layout: MmapLayoutChoice = { ...common, follow: true, events: true, memory: "reserve_mem" };
        const { report, mappings } = mmapLayout(image, layout);
        for (const mapping of mappings) expect(Buffer.concat([...mapping.pieces()]).length).toBe(mapping.size);
        const text = [...renderMmapLayout(report, false, paper)].join("");
        expect(text.length).toBeGreaterThan(0);
        JSON.stringify(report);
        const views = diffViews(image, common);
        JSON.stringify(views);
        expect([...renderDiff(views, paper)].join("")).not.toContain("undefined");
        const original = (await open(whole))!;
        const changed = diffImages(original, image);
        JSON.stringify(changed);
        expect([...renderImageDiff(changed, paper)].join("")).not.toContain("undefined");
        expect(diffImages(image, image).same).toBe(true);
        expect(Buffer.compare(bytes, before)).toBe(0);
      },
    ),
    { numRuns: Number(process.env.RBTOOL_RUNS ?? 100) },
  );
}, 240_000);
