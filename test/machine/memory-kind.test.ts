import { expect, test } from "@jest/globals";
import { openImage } from "../../src/index.js";
import { guessMemory } from "../../src/machine/memory-kind.js";
import { buildImage } from "../support/build-image.js";
import { LE64 } from "../support/formats.js";

// Where each architecture's memory map ends and its vmalloc range begins: the last address of one, the first of the other.
const BORDERS = [
  ["arm", 4, 4096, 0xef_ff_f0_00n, "direct"],
  ["arm", 4, 4096, 0xf000_0000n, "vmap"],
  ["s390", 8, 4096, 0xff_ffff_f000n, "direct"],
  ["s390", 8, 4096, 0x100_0000_0000n, "vmap"],
  ["powerpc", 8, 4096, 0xc007_ffff_ffff_f000n, "direct"],
  ["powerpc, radix", 8, 4096, 0xc008_0000_0000_0000n, "vmap"],
  ["powerpc, hash", 8, 4096, 0xd000_0000_0000_0000n, "vmap"],
  ["riscv, 57 bits", 8, 4096, 0xff5f_ffff_ffff_f000n, "vmap"],
  ["riscv, 57 bits", 8, 4096, 0xff60_0000_0000_0000n, "direct"],
  ["riscv, 39 bits", 8, 4096, 0xffff_ffd5_ffff_f000n, "vmap"],
  ["riscv, 39 bits", 8, 4096, 0xffff_ffd6_0000_0000n, "direct"],
  ["arm64", 8, 4096, 0xffff_7fff_ffff_f000n, "direct"],
  ["arm64", 8, 4096, 0xffff_8000_0000_0000n, "vmap"],
  ["arm64, 16K pages", 8, 16384, 0xffff_bfff_ffff_c000n, "direct"],
  ["arm64, 16K pages", 8, 16384, 0xffff_c000_0000_0000n, "vmap"],
  ["x86", 8, 4096, 0xffff_8880_0000_0000n, "direct"],
  ["x86", 8, 4096, 0xffff_c900_0000_0000n, "vmap"],
] as const;

test.each(BORDERS)(
  "%s, words of %d bytes, sub-buffers of %d: %s is %s",
  async (_, longSize, subbufSize, virt, range) => {
    const built = buildImage({
      abi: { littleEndian: true, longSize },
      generation: "global",
      subbufSize,
      nrCpus: 1,
      totalSize: 16 * subbufSize,
      nrSubbufs: 13,
      virtualStart: virt,
    });
    expect(guessMemory(await openImage(built), {}).addresses).toBe(range);
  },
);

test("where only markers were written, which sets no _text, the release tells riscv64 with 48 bits", async () => {
  // As 7.2.13 wrote it, and had it mapped by a program.
  const built = buildImage({
    abi: LE64,
    generation: "global",
    subbufSize: 4096,
    nrCpus: 1,
    totalSize: 16 * 4096,
    nrSubbufs: 13,
    virtualStart: 0xffff_af80_34b0_0000n,
  });
  const image = await openImage(built);
  expect(guessMemory(image, { release: "7.2.13+deb14-riscv64" }).kind).toBe("reserve_mem");
  expect(guessMemory(image, { release: "7.2.13+deb14-cloud-amd64" }).kind).toBe("memmap");
});
