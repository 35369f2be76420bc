/** Where kernels lie without KASLR: x86-64, arm64, riscv64, powerpc64. */
const USUAL_TEXT: ReadonlySet<bigint> = new Set([
  0xffffffff81000000n,
  0xffff800080000000n,
  0xffffffff80000000n,
  0xffffffff80002000n,
  0xc000000000000000n,
]);

/** x86-64 kernels lie at 0xffffffff81000000 unless KASLR moved them. */
export function looksRandom(text: bigint): boolean {
  return text >> 31n === 0x1ffffffffn && !USUAL_TEXT.has(text);
}
