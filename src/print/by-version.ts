import { behaviourAt, type Change } from "../ground/changes.js";
import { parseRelease } from "../ground/release.js";

/** What differs between kernels in how they print an event by its format file. */
export interface PrintBehaviour {
  /** vbin_printf() packs %hhd and %hd into one and two bytes (else as an int). */
  readonly packsShorts: boolean;
  /** %.*s with a negative precision prints nothing (else all of the string). */
  readonly clampsPrecision: boolean;
  /** print_fields() shows the symbol of a long field's value. */
  readonly fieldSymbols: boolean;
  /** print_fields() shows strings with control characters escaped. */
  readonly escapesStrings: boolean;
  /** print_syscall_enter() prints numbers below ten in decimal. */
  readonly smallDecimal: boolean;
  /** print_syscall_enter() prints the text that an argument points to. */
  readonly userText: boolean;
}

const BASE: PrintBehaviour = {
  packsShorts: true,
  clampsPrecision: false,
  fieldSymbols: false,
  escapesStrings: false,
  smallDecimal: false,
  userText: false,
};

export const PRINT_CHANGES: readonly Change<PrintBehaviour>[] = [
  {
    since: "6.14.0",
    evidence: "placed",
    source: "lib/vsprintf.c: vbin_printf()",
    change: "trace_printk(): %hhd and %hd are packed as an int",
    set: { packsShorts: false },
  },
  {
    since: "6.14.0",
    evidence: "placed",
    source: "lib/vsprintf.c: set_precision()",
    change: "%.*s with a negative precision prints nothing, before it was all of the string",
    set: { clampsPrecision: true },
  },
  {
    since: "6.15.0",
    evidence: "placed",
    source: "kernel/trace/trace_output.c: print_fields()",
    change: "fields: a long that is an address of the kernel is shown with its symbol",
    set: { fieldSymbols: true },
  },
  {
    since: "6.18.0",
    evidence: "placed",
    source: "kernel/trace/trace_syscalls.c: print_syscall_enter()",
    change: "system calls: arguments below ten are in decimal",
    set: { smallDecimal: true },
  },
  {
    since: "6.19.0",
    evidence: "observed",
    source: "kernel/trace/trace_syscalls.c: print_syscall_enter(); format files of 6.18.15 and 6.19.14",
    change: "system calls: the text that an argument points to is printed",
    set: { userText: true },
  },
  {
    since: "6.19.0",
    evidence: "placed",
    source: "kernel/trace/trace_output.c: print_fields()",
    change: "fields: strings with control characters are shown with their hex",
    set: { escapesStrings: true },
  },
];

/** How a release prints; the newest known where it is not known. */
export function printBehaviour(release: string | undefined): PrintBehaviour {
  return behaviourAt(BASE, PRINT_CHANGES, parseRelease(release ?? "") ?? [Infinity, 0, 0]);
}
