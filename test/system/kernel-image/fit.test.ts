import { expect, test } from "@jest/globals";
import { kernelFit, type WritingBoot } from "../../../src/system/kernel-image/fit.js";
import { openKernel } from "../../../src/system/kernel-image/open-kernel.js";
import { buildKernel } from "../../support/build-kernel.js";
import { SMALL_KERNEL } from "../../support/small-kernel.js";

const kernel = await openKernel({ origin: "kernel", path: "kernel", bytes: () => buildKernel(SMALL_KERNEL).elf });
const text = kernel.symbols!.addressOf("_text")!;
/** sched/first is 21: 44 bytes, its name behind them. */
const RIGHT: WritingBoot = {
  abi: { littleEndian: true, longSize: 8 },
  hasScratch: true,
  text,
  marks: undefined,
  modules: [],
  sizes: new Map([
    [21, new Map([[52, 30]])],
    [22, new Map([[8, 5]])],
  ]),
  functions: new Set(),
};

test("sizes of records prove a kernel", () => {
  expect(kernelFit(kernel, RIGHT)).toMatchObject({ verdict: "fits", moved: 0n });
});

test.each<[string, Partial<WritingBoot>, string]>([
  ["another byte order", { abi: { littleEndian: false, longSize: 8 } }, "machine"],
  ["the layout of another version", { hasScratch: false, text: undefined }, "layout"],
  ["a _text that KASLR cannot have moved there", { text: text + 0x1000n }, "_text"],
  ["records too short for their event", { sizes: new Map([[21, new Map([[16, 30]])]]) }, "records"],
  ["records too long for an event of one size", { sizes: new Map([[22, new Map([[400, 30]])]]) }, "records"],
])("%s contradicts", (_, change, what) => {
  const { verdict, evidence } = kernelFit(kernel, { ...RIGHT, ...change });
  expect(evidence.filter((one) => one.verdict === "contradicts").map((one) => one.what)).toEqual([what]);
  expect(verdict).toBe("wrong");
});

test("KASLR is told by how far _text lies from where it was linked", () => {
  expect(kernelFit(kernel, { ...RIGHT, text: text + 0x1e00000n }).moved).toBe(0x1e00000n);
});

test("an image without events excludes nothing", () => {
  expect(kernelFit(kernel, { ...RIGHT, text: undefined, sizes: new Map() }).verdict).toBe("possible");
});
