import type { Abi } from "../ground/abi.js";
import { looksRandom } from "./usual-text.js";

const TEXT_STEP = 0x20_0000n;

function inKernelImage(text: bigint): boolean {
  return text >= 0xffff_ffff_8000_0000n && text < 0xffff_ffff_c000_0000n;
}

/**
 * Whether `_text` at this address is an x86-64 kernel's: within its first GiB from -2 GiB on, at a multiple of 2 MiB
 * (KERNEL_IMAGE_SIZE and CONFIG_PHYSICAL_ALIGN; KASLR moves by such steps). riscv64's lies in the same range, but a
 * header of 0x2000 bytes goes before it (arch/riscv/kernel/vmlinux.lds.S).
 */
export function isX86Text(text: bigint): boolean {
  return inKernelImage(text) && text % TEXT_STEP === 0n;
}

/** Whether it is a riscv64 kernel's, which lies behind that header. */
export function isRiscvText(text: bigint): boolean {
  return inKernelImage(text) && text % TEXT_STEP === 0x2000n;
}

/**
 * Where memory, vmalloc and struct pages begin without KASLR, which moves them up, with four and with five levels of page tables
 * (Documentation/arch/x86/x86_64/mm.rst).
 */
export const X86_LEVEL4 = {
  direct: 0xffff_8880_0000_0000n,
  vmalloc: 0xffff_c900_0000_0000n,
  pages: 0xffff_ea00_0000_0000n,
};
const X86_LEVEL5 = { direct: 0xff11_0000_0000_0000n, vmalloc: 0xffa0_0000_0000_0000n, pages: 0xffd4_0000_0000_0000n };
/** Where riscv64 with 57 bits has its memory (Documentation/arch/riscv/vm-layout.rst); its vmalloc lies below. */
const RISCV_57_BITS = 0xff60n;

/** Whether an address of the area, above 0xff11..., is x86-64's; `text` is the scratch's, 0 where it is not set. */
export function isX86Level5(virt: bigint, text: bigint): boolean {
  if (virt < X86_LEVEL5.direct || virt >= 0xffff_0000_0000_0000n) return false;
  return text === 0n ? virt >> 48n !== RISCV_57_BITS : isX86Text(text);
}

/**
 * Whether the machine is an x86-64: where the kernel has its text tells, else where it has its memory and vmalloc space.
 * @param virt the area's address; 0 where it is not known: most machines are
 * @param text the scratch's `_text`; 0 where it is not set
 */
export function isX86Machine(abi: Abi, virt: bigint, text: bigint): boolean {
  if (!abi.littleEndian || abi.longSize === 4) return false;
  if (text !== 0n) return isX86Text(text);
  return virt === 0n || isX86Level5(virt, text) || (virt >= X86_LEVEL4.direct && virt < 0xffff_eb00_0000_0000n);
}

const TIB = 2n ** 40n;

/**
 * Where an x86-64 kernel without KASLR has its array of struct pages (vmemmap_base), by the number of levels that the
 * area's address tells. kernel_randomize_memory() (arch/x86/mm/kaslr.c) moves all three regions, wherever KASLR has put
 * the text: so the area's must not have been moved, by the TiB that most machines have less memory than.
 * @param virt the area's address
 * @param text `_text`, which is not one that KASLR chose
 */
export function x86PagesAt(virt: bigint, text: bigint): bigint | undefined {
  if (!isX86Text(text) || looksRandom(text)) return undefined;
  const regions = isX86Level5(virt, text) ? X86_LEVEL5 : X86_LEVEL4;
  const unmoved = [regions.direct, regions.vmalloc].some((start) => virt >= start && virt < start + TIB);
  return unmoved ? regions.pages : undefined;
}
