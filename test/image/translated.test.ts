import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readImage } from "../../src/image/image.js";
import { strippingOf } from "../../src/image/translated.js";
import { openImage } from "../../src/index.js";
import { MemorySource } from "../../src/input/source.js";
import { buildImage } from "../support/build-image.js";
import { scratchFolder } from "../support/command-lines.js";
import { fixture, realImages } from "../support/images.js";
import { rbtool } from "../support/run.js";

const mapped = (bytes: Uint8Array, by: (byte: number) => number) => Uint8Array.from(bytes, by);
const CR_TO_LF = (byte: number) => (byte === 0x0d ? 0x0a : byte);

async function translationOf(bytes: Uint8Array): Promise<string | undefined> {
  const { diagnostics } = await openImage(bytes);
  return diagnostics.list.find(({ code }) => code === "image-translated")?.message;
}

test.each(realImages)("$name: CR that became LF is told, and only then", async (image) => {
  const bytes = image.bytes();
  expect(await translationOf(bytes)).toBeUndefined();
  const { layout } = await openImage(bytes);
  const told = await translationOf(mapped(bytes, CR_TO_LF));
  // With fewer sub-buffers no number of one has that byte.
  if (layout.geometry.nrSubbufs > 13) expect(told).toMatch(/every byte 0d as 0a/);
  else expect(told).toBeUndefined();
});

test("other ways to take bytes for text", async () => {
  const bytes = fixture("v7.3-read").bytes();
  expect(await translationOf(mapped(bytes, (byte) => (byte === 0x0a ? 0x0d : byte)))).toMatch(/every byte 0a as 0d/);
  expect(await translationOf(mapped(bytes, (byte) => byte & 0x7f))).toMatch(/highest bit of every byte/);
  expect(await translationOf(mapped(bytes, (byte) => (byte > 0x7f ? 0x3f : byte)))).toMatch(/replaced by 3f/);
});

test("one byte 0d that is left, or one CPU that is sound, says that it is other damage", async () => {
  const bytes = mapped(fixture("v7.3-read").bytes(), CR_TO_LF);
  const { cpus } = await openImage(bytes);
  const left = bytes.slice();
  left[left.length - 1] = 0x0d;
  expect(await translationOf(left)).toBeUndefined();
  const other = bytes.slice();
  // buffers[] of CPU 1 names 11 twice, not 10.
  const at = cpus[1]!.buffersOffset;
  const words = new DataView(other.buffer, at, 4 * cpus[1]!.nrSubbufs);
  for (let id = 0; id < cpus[1]!.nrSubbufs; id++)
    if (words.getInt32(4 * id, true) === 10) words.setInt32(4 * id, 11, true);
  expect(await translationOf(other)).toBeUndefined();
});

/** Images that have a pair, with sub-buffers behind the last of them. */
const STRIPPED = realImages.filter(({ name }) =>
  /^(v7.3-read|v7.1-read|v6.16-read|g7.3-ext4|forged-s390x7.2-s1|armhf-7.2-sched)$/.test(name),
);
const withoutPairs = (bytes: Uint8Array): Buffer =>
  Buffer.from(Buffer.from(bytes).toString("latin1").replaceAll("\r\n", "\n"), "latin1");

test.each(STRIPPED)("$name: CR LF that became LF is told, and no cut is", async (image) => {
  const bytes = image.bytes();
  const stripped = withoutPairs(bytes);
  const missing = bytes.length - stripped.length;
  const { diagnostics } = await openImage(stripped);
  const told = diagnostics.list.find(({ code }) => code === "image-translated")?.message;
  expect(told).toMatch(new RegExp(`^${missing} bytes? taken out on the way, it seems each 0d before a 0a`));
  expect(diagnostics.list.some(({ code }) => code === "image-truncated")).toBe(false);
  // What is cut off takes nothing out.
  expect(await translationOf(bytes.subarray(0, -missing))).toBeUndefined();
  expect(await translationOf(withoutPairs(bytes).subarray(0, -5000))).toBeUndefined();
});

test("a cut of a few bytes of an image without such pairs is a cut", async () => {
  const bytes = withoutPairs(fixture("v7.3-tsc").bytes());
  const { diagnostics } = await openImage(bytes.subarray(0, -2));
  expect(diagnostics.list.map(({ code }) => code)).toEqual(["image-truncated"]);
});

test("every command that opens such an image says so", async () => {
  const folder = scratchFolder();
  const file = join(folder.path, "image.bin");
  writeFileSync(file, mapped(fixture("v7.3-read").bytes(), CR_TO_LF));
  for (const line of [["events", "--no-live", "--tail", "1"], ["check"]])
    expect((await rbtool([...line, file])).stderr).toMatch(/^rbtool: a terminal or a program wrote every byte 0d/m);
  expect((await rbtool(["inspect", file])).stdout).not.toMatch(/makes a sound image/);
  folder.remove();
});

test("a large and nearly empty area that lacks a few bytes is read once for it, not twice", () => {
  const options = {
    abi: { littleEndian: true, longSize: 8 },
    generation: "global",
    subbufSize: 4096,
    nrCpus: 1,
    totalSize: 8 * 1024 * 1024,
    virtualStart: 0xffff_8881_0000_0000n,
    nrSubbufs: 2044,
  } as const;
  const whole = buildImage(options);
  const cut = new MemorySource(whole.subarray(0, whole.length - 100));
  const reads: number[] = [];
  const read = cut.read.bind(cut);
  cut.read = (offset, length) => {
    reads.push(length);
    return read(offset, length);
  };
  expect(strippingOf(cut, readImage(new MemorySource(whole)).layout, whole.length)).toBeUndefined();
  expect(reads.reduce((sum, length) => sum + length, 0)).toBeLessThan(1.5 * cut.size);
});
