import type { Abi } from "../../ground/abi.js";
import type { Kallsyms } from "../symbols/kallsyms.js";
import { ARM } from "./arm.js";
import { GENERIC } from "./generic.js";
import { POWERPC } from "./powerpc.js";
import { S390 } from "./s390.js";
import { SHARED } from "./shared.js";
import { X86_64 } from "./x86-64.js";

/** Names of system calls by number. */
export type SyscallNames = readonly (string | undefined)[];

/** A function that only kernels with this table have: each architecture spells its system calls its own way. */
const SIGNS: readonly (readonly [symbol: string, table: string])[] = [
  ["__x64_sys_read", X86_64],
  ["__arm64_sys_read", GENERIC],
  ["__riscv_sys_read", GENERIC],
  ["__s390x_sys_read", S390],
  ["sys_ppc64_personality", POWERPC],
  ["sys_read", GENERIC],
];

/**
 * The names that a kernel gives the numbers of raw_syscalls; none where nothing tells its architecture.
 * @param isX86 what the image says of it
 */
export function syscallNames(kallsyms: Kallsyms | undefined, abi: Abi, isX86: boolean): SyscallNames {
  // 32-bit machines whose area is known to be read are arm's.
  if (abi.longSize === 4) return kallsyms?.find(["sys_read"]).size ? numbered(ARM) : [];
  const found = kallsyms?.find(SIGNS.map(([symbol]) => symbol));
  const table = SIGNS.find(([symbol]) => found?.has(symbol))?.[1] ?? (isX86 ? X86_64 : undefined);
  return table === undefined ? [] : numbered(table);
}

function numbered(text: string): SyscallNames {
  const names: (string | undefined)[] = [];
  let next = 0;
  for (const word of `${text}${SHARED}`.trim().split(/\s+/)) {
    if (/^\d+$/.test(word)) next = Number(word);
    else names[next++] = word;
  }
  return names;
}
