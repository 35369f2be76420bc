/**
 * What stands in a trace for a return address that a kretprobe has in its hands (kretprobed(), kernel/trace/trace_output.c
 * 6.12 to 7.3): the trampoline that it put there, at its first byte.
 */
export const KRETPROBED = "[unknown/kretprobe'd]";

/** is_kretprobe_trampoline(): that of rethooks, and that of the architectures whose kretprobes are no rethooks. */
const TRAMPOLINES: ReadonlySet<string> = new Set(["arch_rethook_trampoline", "__kretprobe_trampoline"]);

export function isKretprobeTrampoline(name: string, offset: bigint): boolean {
  return offset === 0n && TRAMPOLINES.has(name);
}

const TRAMPOLINE_TEXT = new RegExp(`^(?:${[...TRAMPOLINES].join("|")})\\+0x0/`);

/** The same of a symbol in text, as %pS has it. */
export function kretprobed(text: string): string {
  return TRAMPOLINE_TEXT.test(text) ? KRETPROBED : text;
}
