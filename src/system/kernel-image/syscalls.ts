import { alignUp } from "../../ground/abi.js";
import { type CallNames, type EventField, FIELDS_START, type KernelEvent } from "./event.js";
import type { KernelMemory } from "./memory.js";
import type { EventLayout } from "./structs.js";
import { recordedMemory } from "./syscall-memory.js";

/** A system call's metadata (struct syscall_metadata), which both of its events point to. */
export interface SyscallMetadata {
  /** sys_NAME. */
  readonly name: string;
  readonly args: readonly { readonly type: string; readonly name: string }[];
  readonly enter: number;
  readonly exit: number;
}

const MAX_ARGS = 6;

export function readMetadata(
  memory: KernelMemory,
  { syscall }: EventLayout,
  place: number,
): SyscallMetadata | undefined {
  const name = place < 0 ? undefined : memory.text(memory.pointer(place + syscall.name));
  if (name === undefined || !name.startsWith("sys_")) return undefined;
  const count = argumentCount(memory, place + syscall.args);
  const types = memory.pointer(place + syscall.types);
  const names = memory.pointer(place + syscall.names);
  const args: { type: string; name: string }[] = [];
  for (let i = 0; i < Math.min(count, MAX_ARGS); i++)
    args.push({
      type: memory.text(memory.pointer(types + i * memory.word)) ?? "",
      name: memory.text(memory.pointer(names + i * memory.word)) ?? "",
    });
  return { name, args, enter: memory.pointer(place + syscall.enter), exit: memory.pointer(place + syscall.exit) };
}

/** An int up to 6.18; since then seven bits of a byte, whose eighth says whether user memory is read. */
function argumentCount(memory: KernelMemory, place: number): number {
  const first = memory.bytes[place] ?? 0;
  if (memory.abi.littleEndian) return first & 0x7f;
  return first !== 0 ? first >> 1 : memory.u32(place);
}

/** What shapes the events of system calls in this kernel. */
export interface SyscallRules {
  /** Names that have a number, without sys_. */
  readonly mapped: ReadonlySet<string>;
  /** User memory is recorded (since 6.19). */
  readonly recordsMemory: boolean;
  readonly openFlags: OpenFlags;
}

export function syscallEvent(
  memory: KernelMemory,
  metadata: SyscallMetadata,
  { system, name }: CallNames,
  rules: SyscallRules,
): KernelEvent {
  const w = memory.word;
  const nr: EventField = { type: "int", name: "__syscall_nr", offset: FIELDS_START, size: 4, signed: true, len: 0 };
  const start = alignUp(FIELDS_START + 4, w);
  if (name.startsWith("sys_exit_")) {
    const ret: EventField = { type: "long", name: "ret", offset: start, size: w, signed: true, len: 0 };
    return { system, name, fixedId: 0, fields: [nr, ret], printFmt: '"0x%lx", REC->ret' };
  }
  const call = metadata.name.slice(4);
  const recorded = rules.recordsMemory ? recordedMemory(call, rules.mapped) : undefined;
  const fields = [nr];
  metadata.args.forEach((arg, i) => {
    fields.push({ ...arg, offset: start + i * w, size: w, signed: false, len: 0 });
  });
  let offset = start + metadata.args.length * w;
  metadata.args.forEach((arg, i) => {
    if (recorded === undefined || !(recorded.args & (1 << i))) return;
    fields.push({ type: "__data_loc char[]", name: `__${arg.name}_val`, offset, size: 4, signed: false, len: 0 });
    offset += 4;
  });
  const printFmt =
    rules.recordsMemory && call === "openat"
      ? openatPrintFmt(rules.openFlags)
      : enterPrintFmt(metadata.args, w, recorded?.args ?? 0, recorded?.size);
  return { system, name, fixedId: 0, fields, printFmt };
}

/** __set_enter_print_fmt(). */
function enterPrintFmt(
  args: SyscallMetadata["args"],
  w: number,
  recorded: number,
  sizeArg: number | undefined,
): string {
  const isRecorded = (i: number): boolean => (recorded & (1 << i)) !== 0;
  const text = args.map(
    ({ name }, i) => `${name}: 0x%0${w}lx${isRecorded(i) ? (sizeArg === undefined ? ' \\"%s\\"' : " (%s)") : ""}`,
  );
  const values = args.map(({ name }, i) => {
    const value = `, ((unsigned long)(REC->${name}))`;
    if (!isRecorded(i)) return value;
    return value + (sizeArg === undefined ? `, __get_str(__${name}_val)` : `, __print_dynamic_array(__${name}_val, 1)`);
  });
  return `"${text.join(", ")}"${values.join("")}`;
}

/** O_DIRECT, O_LARGEFILE, O_DIRECTORY and O_NOFOLLOW, which differ by machine (include/uapi/asm-generic/fcntl.h and arch/). */
export type OpenFlags = readonly [direct: number, largefile: number, directory: number, nofollow: number];

const GENERIC_OPEN_FLAGS: OpenFlags = [0x4000, 0x8000, 0x10000, 0x20000];
const ARM_OPEN_FLAGS: OpenFlags = [0x10000, 0x20000, 0x4000, 0x8000];
const POWERPC_OPEN_FLAGS: OpenFlags = [0x20000, 0x10000, 0x4000, 0x8000];
const OPEN_FLAGS: ReadonlyMap<string, OpenFlags> = new Map([
  ["arm", ARM_OPEN_FLAGS],
  ["aarch64", ARM_OPEN_FLAGS],
  ["ppc", POWERPC_OPEN_FLAGS],
  ["ppc64", POWERPC_OPEN_FLAGS],
  ["ppc64le", POWERPC_OPEN_FLAGS],
]);

export function openFlagsOf(machine: string | undefined): OpenFlags {
  return OPEN_FLAGS.get(machine ?? "") ?? GENERIC_OPEN_FLAGS;
}

const COMMON_OPEN_FLAGS: readonly (readonly [name: string, value: number])[] = [
  ["O_WRONLY", 0x1],
  ["O_RDWR", 0x2],
  ["O_CREAT", 0x40],
  ["O_EXCL", 0x80],
  ["O_NOCTTY", 0x100],
  ["O_TRUNC", 0x200],
  ["O_APPEND", 0x400],
  ["O_NONBLOCK", 0x800],
  ["O_DSYNC", 0x1000],
];

/** sys_enter_openat_print() has a text of its own. */
function openatPrintFmt([direct, largefile, directory, nofollow]: OpenFlags): string {
  const flags: (readonly [string, number])[] = [
    ...COMMON_OPEN_FLAGS,
    ["O_DIRECT", direct],
    ["O_LARGEFILE", largefile],
    ["O_DIRECTORY", directory],
    ["O_NOFOLLOW", nofollow],
    ["O_NOATIME", 0x40000],
    ["O_CLOEXEC", 0x80000],
  ];
  const list = flags.map(([name, value]) => `{ 0x${value.toString(16)}, "${name}" }`).join(", ");
  return (
    '"dfd: 0x%08lx, filename: 0x%08lx \\"%s\\", flags: %s%s, mode: 0%03o", ((unsigned long)(REC->dfd)), ' +
    "((unsigned long)(REC->filename)), __get_str(__filename_val), " +
    `(REC->flags & ~3) && !(REC->flags & 3) ? "O_RDONLY|" : "",  REC->flags ? __print_flags(REC->flags, "|", ${list}) ` +
    ': "O_RDONLY",  ((unsigned long)(REC->mode))'
  );
}
