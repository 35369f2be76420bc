import type { PrintEnv } from "../print/env.js";
import type { Kallsyms } from "../system/symbols/kallsyms.js";

/** The end is aligned to at least that. */
const PAGE = 4096n;

/**
 * Which strings a kernel prints that an event only points at: its own constants, listed strings, and what lies in the
 * module that the event is of (trace_safe_str(), kernel/trace/trace.c). Where kallsyms does not tell that, or there are more
 * events of that name, any module will do. Where kallsyms does not say where the constants are, all from the kernel's
 * text on are taken for such. Their end is not listed without CONFIG_KALLSYMS_ALL, but the notes are, which are the last
 * of them (RO_DATA(), vmlinux.lds.h).
 */
export function safeStrings(
  kallsyms: Kallsyms | undefined,
  string: PrintEnv["string"],
): NonNullable<PrintEnv["safeString"]> {
  const found = kallsyms?.find(["__start_rodata", "__end_rodata", "__stop_notes", "_stext"]);
  const start = found?.get("__start_rodata");
  const notes = found?.get("__stop_notes");
  const end = found?.get("__end_rodata") ?? (notes && (notes + PAGE - 1n) & -PAGE);
  const from = start ?? found?.get("_stext") ?? 1n;
  const delta = kallsyms?.textDelta ?? 0n;
  const owners = new Map<string, readonly (string | undefined)[]>();
  return (hi, lo, event) => {
    const address = (BigInt(hi) << 32n) | BigInt(lo);
    const there = address - delta;
    if (there >= from && (end === undefined || there < end)) return true;
    const module = kallsyms?.moduleAt(address);
    if (module === undefined) return string(hi, lo) !== undefined;
    let own = owners.get(event);
    if (own === undefined) {
      // DEFINE_EVENT() (include/trace/trace_events.h).
      own = kallsyms!.ownersOf(`event_${event}`);
      owners.set(event, own);
    }
    return own.length !== 1 || own[0] === module;
  };
}
