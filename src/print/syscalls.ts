import type { Abi } from "../ground/abi.js";
import { dynamicStart, signedLength } from "../system/formats/dynamic-word.js";
import { FormatError } from "../system/formats/errors.js";
import type { EventField, EventFormat } from "../system/formats/parse-format.js";
import type { PrintBehaviour } from "./by-version.js";
import { dec64u, hex64 } from "./number.js";
import type { PrintedRecord } from "./record.js";
import { cstrN, type NameTable, OVERFLOW, printFlags } from "./runtime.js";

type Body = (record: PrintedRecord) => string;

/**
 * System calls whose user data is a buffer, not a string: the argument that holds its size (check_faultable_syscall(), which
 * goes by numbers: on a 32-bit machine mq_timedsend's is the older call's).
 */
const BUFFER_SIZE: Readonly<Record<string, number>> = {
  write: 2,
  pwrite64: 2,
  mq_timedsend: 2,
  mq_timedsend_time32: 2,
};

/** O_ flags of include/uapi/asm-generic/fcntl.h, for when the format file does not list this architecture's own. */
const O_COMMON: readonly (readonly [number, string])[] = [
  [0x1, "O_WRONLY"],
  [0x2, "O_RDWR"],
  [0x40, "O_CREAT"],
  [0x80, "O_EXCL"],
  [0x100, "O_NOCTTY"],
  [0x200, "O_TRUNC"],
  [0x400, "O_APPEND"],
  [0x800, "O_NONBLOCK"],
  [0x1000, "O_DSYNC"],
  [0x4000, "O_DIRECT"],
  [0x8000, "O_LARGEFILE"],
  [0x10000, "O_DIRECTORY"],
  [0x20000, "O_NOFOLLOW"],
  [0x40000, "O_NOATIME"],
  [0x80000, "O_CLOEXEC"],
];

interface SyscallArgument {
  readonly field: EventField;
  /** The text or bytes that the argument pointed to in user space. */
  readonly user: EventField | undefined;
}

/** print_syscall_enter() and print_syscall_exit(): system call events have no TP_printk() that is used. */
export function syscallPrinter(
  format: EventFormat,
  abi: Abi,
  { smallDecimal, userText }: PrintBehaviour,
): { run: Body; minimum: number } {
  if (format.name.startsWith("sys_exit_")) {
    const ret = format.fields.find((f) => f.name === "ret");
    if (ret === undefined || ret.size !== abi.longSize) throw new FormatError("a system call's exit without ret");
    return {
      minimum: ret.offset + ret.size,
      run: (r) => ` -> 0x${hexOf(r, ret)}`,
    };
  }
  // The call's number comes first: `nr` up to 4.6; an argument may have that name too.
  const rest = format.fields
    .filter((f) => !f.common)
    .filter((f, i) => f.name !== "__syscall_nr" && !(i === 0 && f.name === "nr"));
  const args: SyscallArgument[] = [];
  let minimum = 0;
  for (const field of rest) {
    if (field.shape === "data_loc" || field.size !== abi.longSize) continue;
    const user = rest.find((f) => f.shape === "data_loc" && f.name === `__${field.name}_val`);
    args.push({ field, user });
    minimum = Math.max(minimum, field.offset + field.size, user === undefined ? 0 : user.offset + 4);
  }
  const call = format.name.slice("sys_enter_".length);
  // print_syscall_enter() asks for the option before it calls sys_enter_openat_print().
  const named = userText && call === "openat" && args.length === 4 ? openat(format, args) : undefined;
  const sizeArgument = Object.hasOwn(BUFFER_SIZE, call) ? args[BUFFER_SIZE[call]!] : undefined;
  return {
    minimum,
    run: (r) => {
      const verbose = r.env.verbose === true;
      if (named !== undefined && !verbose) return named(r);
      let out = "(";
      for (let i = 0; i < args.length; i++) {
        const { field, user } = args[i]!;
        if (i > 0) out += ", ";
        if (verbose) out += `${field.type} `;
        if (!smallDecimal) {
          out += `${field.name}: ${hexOf(r, field)}`;
          continue;
        }
        const [hi, lo] = longOf(r, field);
        out += hi === 0 && lo < 10 ? `${field.name}: ${lo}` : `${field.name}: 0x${hex64(hi, lo)}`;
        if (user === undefined || !userText) continue;
        out += userData(r, user, sizeArgument === undefined ? undefined : longOf(r, sizeArgument.field)[1] | 0);
      }
      return `${out})`;
    },
  };
}

/** The text behind an argument: a string, or `size` bytes of a buffer of which the record keeps the beginning. */
function userData(r: PrintedRecord, user: EventField, size: number | undefined): string {
  const word = r.u32(r.start + user.offset);
  const start = r.start + dynamicStart(word);
  const length = signedLength(word);
  if (size === undefined) return ` "${cstrN(r, start, length)}"`;
  // Of a length below 0 no byte is read.
  if (length > 0 && start + length > r.end) return ` (${OVERFLOW})`;
  let printable = false;
  let text = "";
  let hex = "";
  for (let i = 0; i < length; i++) {
    const c = r.u[start + i]!;
    const shown = c >= 0x20 && c < 0x7f;
    printable ||= shown;
    text += shown ? String.fromCharCode(c) : ".";
    hex += (i > 0 ? ":" : "") + c.toString(16).padStart(2, "0");
  }
  const cut = length < size;
  const out = ` (${hex}${cut ? ", ..." : ""})`;
  return printable ? `${out} "${text}"${cut ? "..." : ""}` : out;
}

/** sys_enter_openat_print(): the flags by name; no mode unless a file is created. */
function openat(format: EventFormat, args: readonly SyscallArgument[]): Body {
  const table = openFlags(format.printFmt);
  const creates = flagValue(table, "O_CREAT") | TMPFILE | directory(table);
  return (r) => {
    let out = "(";
    for (let i = 0; i < 4; i++) {
      const { field, user } = args[i]!;
      if (i > 0) out += ", ";
      const [hi, lo] = longOf(r, field);
      if (i === 2) {
        out += "flags: ";
        if ((lo & 3) === 0) {
          if (lo === 0) {
            out += "O_RDONLY";
            if ((lo & creates) === 0) break;
            continue;
          }
          out += "O_RDONLY|";
        }
        // The kernel keeps the flags in an int: a set top bit becomes sign bits.
        out += printFlags(table, "|", (lo | 0) < 0 && r.longSize === 8 ? 0xffffffff : 0, lo);
        if ((lo & creates) === 0) break;
        continue;
      }
      if (i === 3) {
        out += `${field.name}: 0${lo.toString(8).padStart(3, "0")}`;
        continue;
      }
      out += `${field.name}: ${dec64u(hi, lo)}`;
      if (user !== undefined) out += userData(r, user, undefined);
    }
    return `${out})`;
  };
}

const TMPFILE = 0x400000;

function flagValue(table: NameTable, name: string): number {
  const i = table.names.indexOf(name);
  return i < 0 ? 0 : table.lo[i]!;
}

function directory(table: NameTable): number {
  return flagValue(table, "O_DIRECTORY");
}

/** The flags as this architecture has them: its own print format lists them; O_TMPFILE (with O_DIRECTORY) comes first. */
function openFlags(printFmt: string): NameTable {
  const listed = [...printFmt.matchAll(/\{ (0x[0-9a-f]+), "(O_[A-Z]+)" \}/g)].map(
    (m) => [Number(m[1]), m[2]!] as const,
  );
  const flags = listed.length > 0 ? listed : O_COMMON;
  const dir = flags.find(([, name]) => name === "O_DIRECTORY")?.[0] ?? 0x10000;
  const all = [[TMPFILE | dir, "O_TMPFILE"] as const, ...flags];
  return { hi: all.map(() => 0), lo: all.map(([v]) => v), names: all.map(([, n]) => n), seen: new Map() };
}

function longOf(r: PrintedRecord, { offset }: EventField): [number, number] {
  const at = r.start + offset;
  return [r.longHi(at), r.longLo(at)];
}

function hexOf(r: PrintedRecord, field: EventField): string {
  return hex64(...longOf(r, field));
}
