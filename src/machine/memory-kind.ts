import type { Image } from "../image/image.js";
import { isRiscvText, isX86Level5, X86_LEVEL4 } from "./x86.js";

/** Where a buffer's memory comes from: this decides whether a program may map it. */
export const MEMORY_KINDS = ["reserve_mem", "memmap", "backup", "ordinary"] as const;
export type MemoryKind = (typeof MEMORY_KINDS)[number];

/** What an address says about the memory it lies in. */
export interface MemoryGuess {
  readonly kind: MemoryKind;
  /** `direct`: the kernel's own mapping of all memory. `vmap`: a range mapped page by page. */
  readonly addresses: "direct" | "vmap" | "unknown";
  readonly why: string;
}

/** What is known beside the image. */
export interface MemorySigns {
  /** Where the area lies in physical memory. */
  readonly phys?: bigint | undefined;
  /** Of the kernel that owns the area; distributions name the architecture in it. */
  readonly release?: string;
}

const GIB = 2n ** 30n;

/**
 * reserve_mem is used through the direct map since 6.16; an area given by address is vmap'd, as everything was until
 * 6.15. The image does not say which: its addresses do, by where each architecture puts its vmalloc range.
 */
export function guessMemory(image: Image, { phys, release = "" }: MemorySigns): MemoryGuess {
  const virt = image.virtualStart;
  if (virt === undefined) return { kind: "reserve_mem", addresses: "unknown", why: "the image gives no address" };
  const address = `0x${virt.toString(16)}`;
  const range = addressRange(image, { virt, phys, isRiscv: isRiscv(image.scratch?.textAddress ?? 0n, release) });
  if (image.layout.generation === "per-cpu")
    return {
      kind: "reserve_mem",
      addresses: range ?? "vmap",
      why: "6.12 to 6.14 vmap both kinds of memory, and treat them alike",
    };
  if (range === "vmap")
    return {
      kind: "memmap",
      addresses: "vmap",
      why: `${address} lies where vmalloc addresses do (6.15 vmaps reserve_mem too)`,
    };
  if (range === "direct")
    return { kind: "reserve_mem", addresses: "direct", why: `${address} lies where the direct map of memory does` };
  return {
    kind: "reserve_mem",
    addresses: "unknown",
    why: `${address} lies in no known range; reserve_mem is the usual kind`,
  };
}

/** By the text's place; no kernel sets that while only markers are written. */
const isRiscv = (text: bigint, release: string): boolean => (text === 0n ? /riscv64/.test(release) : isRiscvText(text));

/** By the layouts of the architectures' address spaces (Documentation/arch); undefined where none is known. */
function addressRange(
  image: Image,
  { virt, phys, isRiscv }: { virt: bigint; phys: bigint | undefined; isRiscv: boolean },
): "direct" | "vmap" | undefined {
  const { abi, geometry } = image.layout;
  // arm: vmalloc above lowmem. Others with 32 bits put it high as well.
  if (abi.longSize === 4) return virt < 0xf0000000n ? "direct" : "vmap";
  const top = Number(virt >> 48n);
  // s390: memory is mapped 1:1 (or near), vmalloc lies high.
  if (top === 0) return virt < 0x100_0000_0000n ? "direct" : "vmap";
  // powerpc: 0xc000... is memory, vmalloc is 0xc008... (radix) or 0xd000... (hash).
  if (top >> 12 === 0xc || top >> 12 === 0xd) return top < 0xc008 ? "direct" : "vmap";
  const text = image.scratch?.textAddress ?? 0n;
  if (isX86Level5(virt, text)) return x86Level5Range(virt, phys);
  // riscv, 57 bits: memory from 0xff60..., vmalloc below.
  if (top >= 0xff00 && top < 0xffff) return top >= 0xff60 ? "direct" : "vmap";
  if (top !== 0xffff) return undefined;
  // riscv, 48 bits: memory from 0xffffaf80..., vmalloc below. x86 has other things there.
  if (isRiscv && virt < 0xffffffc000000000n) return virt >= 0xffffaf8000000000n ? "direct" : "vmap";
  // riscv, 39 bits: memory from 0xffffffd6...
  if (virt >= 0xffffffc000000000n) return virt >= 0xffffffd600000000n ? "direct" : "vmap";
  // arm64 with 48 bits: memory in the lower half; with 47 bits (16K pages) from 0xffff8000...
  if (virt < 0xffff800000000000n) return "direct";
  if (geometry.subbufSize === 16384) return virt < 0xffffc00000000000n ? "direct" : "vmap";
  if (virt < X86_LEVEL4.direct) return "vmap";
  // x86: with KASLR memory and vmalloc move up, and may meet between.
  if (virt >= X86_LEVEL4.vmalloc) return "vmap";
  if (virt < 0xffff938000000000n) return "direct";
  if (phys !== undefined) return (virt - phys) % GIB === 0n ? "direct" : "vmap";
  return virt < 0xffffac8000000000n ? "direct" : "vmap";
}

/**
 * x86 with five levels of page tables: memory from 0xff11..., vmalloc from 0xffa0...; with KASLR memory moves up by at
 * most a third of what is free (kernel_randomize_memory() of arch/x86/mm/kaslr.c) and vmalloc to anywhere behind it,
 * both in steps of a GiB. What is vmap'd that early lies where vmalloc begins.
 */
function x86Level5Range(virt: bigint, phys: bigint | undefined): "direct" | "vmap" {
  if (virt >= 0xff51000000000000n) return "vmap";
  if (phys !== undefined) return (virt - phys) % GIB === 0n ? "direct" : "vmap";
  return virt < 0xff12000000000000n || virt % GIB >= GIB / 64n ? "direct" : "vmap";
}
