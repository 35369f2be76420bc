import type { Abi } from "../../ground/abi.js";
import type { EventFormat } from "../formats/parse-format.js";
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

/** How distributions name the architecture in a release. */
const RELEASES: readonly (readonly [name: RegExp, table: string])[] = [
  [/amd64|x86_64/, X86_64],
  [/arm64|aarch64|riscv64|loong(?:arch)?64/, GENERIC],
  [/s390x/, S390],
  [/powerpc64|ppc64/, POWERPC],
  [/armmp|armv7|armhf/, ARM],
];

export interface ArchitectureSigns {
  readonly kallsyms: Kallsyms | undefined;
  readonly release: string | undefined;
  readonly abi: Abi;
  /** What the image says of it. */
  readonly isX86: boolean;
}

/** The names that a kernel gives the numbers of raw_syscalls; none where nothing tells its architecture. */
export function syscallNames({ kallsyms, release = "", abi, isX86 }: ArchitectureSigns): SyscallNames {
  const named = RELEASES.find(([name]) => name.test(release))?.[1];
  // 32-bit machines that have such buffers and kallsyms are arm's.
  if (abi.longSize === 4) return named === ARM || kallsyms?.find(["sys_read"]).size ? numbered(ARM) : [];
  const found = kallsyms?.find(SIGNS.map(([symbol]) => symbol));
  const table = SIGNS.find(([symbol]) => found?.has(symbol))?.[1] ?? (isX86 ? X86_64 : named);
  return table === undefined || table === ARM ? [] : numbered(table);
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

const CALL_EVENT = /^sys_(?:enter|exit)_(.+)$/;

/** `openat` of the events sys_enter_openat and sys_exit_openat. */
export function callOf({ system, name }: EventFormat): string | undefined {
  return system === "syscalls" ? CALL_EVENT.exec(name)?.[1] : undefined;
}

/** What a 32-bit architecture's table has beside the calls whose times have 64 bits; no 64-bit one has any. */
const WIDE_TIME = /_time64$/;

/**
 * Which of the calls that have events each number is of. An event is named after the kernel's function (SYSCALL_DEFINEx),
 * which the table calls otherwise for a few: newfstat, sendfile64, umount.
 */
export function callsByNumber(names: SyscallNames, formats: Iterable<EventFormat>): SyscallNames {
  const calls = new Set([...formats].flatMap((format) => callOf(format) ?? []));
  const placed = new Set(names);
  const others = new Map(
    [...calls].filter((call) => !placed.has(call)).map((call) => [call.replace(/^new|64$/, ""), call]),
  );
  const narrow = names.some((name) => name !== undefined && WIDE_TIME.test(name));
  return names.map((name) => {
    if (name === undefined) return name;
    const own = [...(narrow ? narrowSpellings(name) : [OLD.get(name) ?? name, name]), ...(SPELLINGS.get(name) ?? [])];
    return own.find((call) => calls.has(call)) ?? others.get(name) ?? others.get(name.replace(/2$/, ""));
  });
}

/**
 * What functions a 32-bit architecture may have at a name. A call that came to take wider times or user IDs, or the IPC calls
 * by their own numbers, left its old number to an old function, which the name alone still means, and the new number has a
 * name with a width (arch/arm/tools/syscall.tbl, 7.2).
 */
function narrowSpellings(name: string): string[] {
  const old = ["_time32", "32", "16"].map((ending) => `${name}${ending}`);
  return [...old, `old_${name}`, name, name.replace(/(?:_time64|64|32)$/, "")];
}

/** A name that means the older function where there is one (s390, __ARCH_WANT_SYS_OLDUMOUNT). */
const OLD: ReadonlyMap<string, string> = new Map([["umount", "oldumount"]]);

/** Functions that differ by more, each on one architecture or several (their syscall.tbl, 7.2). */
const SPELLINGS: ReadonlyMap<string, readonly string[]> = new Map([
  ["_llseek", ["llseek"]],
  ["_newselect", ["select"]],
  ["ugetrlimit", ["getrlimit"]],
  ["umount2", ["umount"]],
  ["mmap", ["old_mmap"]],
  ["mmap2", ["mmap_pgoff"]],
  ["fadvise64", ["fadvise64_64"]],
  ["arm_fadvise64_64", ["fadvise64_64"]],
  ["arm_sync_file_range", ["sync_file_range2"]],
  ["ipc", ["s390_ipc"]],
  ["personality", ["arm64_personality", "ppc64_personality", "s390_personality"]],
]);
