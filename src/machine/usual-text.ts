/** Where kernels in the last 2 GiB lie without KASLR: x86-64, and riscv64 by version. */
const USUAL_TEXT: ReadonlySet<bigint> = new Set([0xffffffff81000000n, 0xffffffff80000000n, 0xffffffff80002000n]);

/**
 * Whether KASLR has put a kernel's _text where it is. An arm64 kernel lies 2 GiB behind the start of its half of the
 * addresses otherwise (KIMAGE_VADDR, arch/arm64/include/asm/memory.h), however many bits these have. Of other machines
 * this cannot be told.
 */
export function looksRandom(text: bigint): boolean {
  if (text >> 31n === 0x1ffffffffn) return !USUAL_TEXT.has(text);
  if (text >> 47n !== 0x1ffffn) return false;
  const half = 2n ** 64n - (text - 2n ** 31n);
  return (half & (half - 1n)) !== 0n;
}
