import { expect, test } from "@jest/globals";
import { openImage } from "../../src/index.js";
import { MemorySource } from "../../src/input/source.js";
import { boot } from "../../src/kernel/boot.js";
import { planBoot } from "../../src/kernel/boot-plan.js";
import { kernelBehaviour } from "../../src/kernel/versions/kernel.js";
import { guessMemory } from "../../src/machine/memory-kind.js";
import { buildImage } from "../support/build-image.js";
import { fixture } from "../support/images.js";

/** Machines with five levels of page tables, which no fixture comes from, and those that could be mistaken for others. */
const CASES = [
  { what: "x86, memory", virt: 0xff1100002fd20000n, text: 0xffffffff81000000n, x86: true, addresses: "direct" },
  { what: "x86, memory, nobody traced", virt: 0xff1100002fd20000n, text: 0n, x86: true, addresses: "direct" },
  { what: "x86, memory, KASLR", virt: 0xff285d9c6fd20000n, text: 0xffffffffa5200000n, x86: true, addresses: "direct" },
  { what: "x86, vmalloc", virt: 0xffa0000000000000n, text: 0xffffffff81000000n, x86: true, addresses: "vmap" },
  { what: "x86, vmalloc, KASLR", virt: 0xff4a8f0c40000000n, text: 0xffffffffa5200000n, x86: true, addresses: "vmap" },
  { what: "riscv64", virt: 0xff6000001ff25000n, text: 0xffffffff80002000n, x86: false, addresses: "direct" },
  { what: "riscv64, 48 bits", virt: 0xffffaf803ff29000n, text: 0xffffffff80002000n, x86: false, addresses: "direct" },
  {
    what: "riscv64, 48 bits, vmalloc",
    virt: 0xffffaf7f00000000n,
    text: 0xffffffff80002000n,
    x86: false,
    addresses: "vmap",
  },
  { what: "riscv64, nobody traced", virt: 0xff6000001ff25000n, text: 0n, x86: false, addresses: "direct" },
] as const;

function imageOf(virtualStart: bigint, text: bigint, clock: number): Uint8Array {
  const abi = { littleEndian: true, longSize: 8 } as const;
  const image = buildImage({
    abi,
    generation: "global",
    subbufSize: 4096,
    nrCpus: 1,
    totalSize: 16 * 4096,
    nrSubbufs: 13,
    virtualStart,
  });
  const view = new DataView(image.buffer);
  view.setUint32(24, clock, true);
  view.setBigUint64(32, text, true);
  return image;
}

test.each(CASES)("$what: which clocks there are", async ({ virt, text, x86 }) => {
  const { messages } = planBoot(await openImage(imageOf(virt, text, 9))).boot(kernelBehaviour("7.3.4"));
  const refused = messages.includes("the previous trace_clock info is not valid.");
  expect(refused).toBe(!x86);
});

test("s390 has a clock of its own: s390-tod, which empties the boot CPU as any other", () => {
  const dump = fixture("s390x-7.2-few");
  const { abi, info } = dump;
  const image = Uint8Array.from(dump.bytes());
  new DataView(image.buffer).setUint32(24, 9);
  const kernel = kernelBehaviour("7.2.13");
  const result = boot(new MemorySource(image), { kernel, abi, pageSize: info.pagesize, nrCpus: info.cpus });
  expect(result.messages).not.toContain("the previous trace_clock info is not valid.");
  expect(result.findings.map(({ code }) => code)).toContain("clock-restored");
});

test.each(CASES)("$what: which memory the area is", async ({ virt, text, addresses }) => {
  expect(guessMemory(await openImage(imageOf(virt, text, 0)), {}).addresses).toBe(addresses);
});

test("x86 with KASLR: where memory and vmalloc may meet, the physical address decides", async () => {
  const of = async (virt: bigint, phys?: bigint) =>
    guessMemory(await openImage(imageOf(virt, 0n, 0)), { phys }).addresses;
  const GIB = 1n << 30n;
  const phys = 0x17ff46000n;
  for (const virt of [0xffff938000000000n, 0xffffa00000000000n, 0xffffc00000000000n]) {
    // The kernel maps all memory at a multiple of a GiB.
    expect(await of(virt + (phys % GIB), phys)).toBe("direct");
    expect(await of(virt + (phys % GIB) + 4096n, phys)).toBe("vmap");
  }
  expect(await of(0xffff9380_00000000n - 4096n, 0n)).toBe("direct");
  expect(await of(0xffffac80_00000000n - 4096n)).toBe("direct");
  expect(await of(0xffffac80_00000000n)).toBe("vmap");
  expect(await of(0xffffc900_00000000n, 0n)).toBe("vmap");
});
