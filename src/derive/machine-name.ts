import { isX86Text } from "../machine/x86.js";
import type { Kallsyms } from "../system/symbols/kallsyms.js";

/** A function that only one architecture's kernels have (SYSCALL_DEFINE() of its syscall_wrapper.h), and what uname -m says there. */
const MARKS: readonly (readonly [symbol: string, machine: string])[] = [
  ["__x64_sys_read", "x86_64"],
  ["__arm64_sys_read", "aarch64"],
  ["__s390x_sys_read", "s390x"],
  ["__riscv_sys_read", "riscv64"],
  ["vector_swi", "armv7l"],
  ["sys_ppc64_personality", "ppc64le"],
];

/** What uname -m says on the machine that wrote; undefined where nothing tells. */
export function machineName(kallsyms: Kallsyms | undefined, text: bigint | undefined): string | undefined {
  // One by one: what is not there is looked for in the whole file.
  for (const [symbol, machine] of MARKS) if (kallsyms?.find([symbol]).has(symbol)) return machine;
  return text !== undefined && isX86Text(text) ? "x86_64" : undefined;
}
