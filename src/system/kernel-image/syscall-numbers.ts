import type { KernelMemory } from "./memory.js";
import type { ImageSymbols } from "./symbols.js";

/**
 * Numbers of system calls, from sys_call_table: which function stands at each, by name. Every architecture spells the
 * functions its own way (SYSCALL_DEFINEx, arch_syscall_match_sym_name(), kernel/trace/trace_syscalls.c).
 */
export function syscallNumbers(
  memory: KernelMemory,
  symbols: ImageSymbols,
  known: ReadonlySet<string>,
): Map<string, number> {
  const out = new Map<string, number>();
  const lower = new Map<string, string>();
  for (const name of known) lower.set(name.toLowerCase(), name);
  const table = namedTable(memory, symbols) ?? searchTable(memory, symbols);
  if (table === undefined) return out;
  for (let nr = 0; nr < Math.min(table.count, MAX_SYSCALLS); nr++) {
    const index = symbols.firstAt(memory.long(table.start + nr * memory.word));
    if (index < 0) continue;
    const name = metadataName(symbols.name(index), known, lower);
    if (name !== undefined) out.set(name, nr);
  }
  return out;
}

interface Table {
  readonly start: number;
  readonly count: number;
}

/** It reaches to the next symbol. */
function namedTable(memory: KernelMemory, symbols: ImageSymbols): Table | undefined {
  const start = symbols.place("sys_call_table");
  const address = symbols.addressOf("sys_call_table");
  if (start < 0 || address === undefined) return undefined;
  const end = symbols.nextAddress(address);
  return { start, count: end === undefined ? MAX_SYSCALLS : Number((end - address) / BigInt(memory.word)) };
}

/** Fewer pointers to system calls in a row are some other table. */
const MIN_TABLE = 128;

/** Without symbols of data: the longest run of words that are addresses of functions called like system calls. */
function searchTable(memory: KernelMemory, symbols: ImageSymbols): Table | undefined {
  const calls = new Set<number>();
  for (let i = 0; i < symbols.count; i++) {
    if (!/(?:^|_|\.)sys_/.test(symbols.name(i))) continue;
    const place = memory.placeOf(symbols.address(i));
    if (place >= 0) calls.add(place);
  }
  const w = memory.word;
  let best: Table | undefined;
  for (const { offset, size } of memory.segments) {
    let run = 0;
    for (let at = offset; at <= offset + size; at += w) {
      if (at + w <= offset + size && calls.has(memory.pointer(at))) {
        run++;
        continue;
      }
      if (run >= MIN_TABLE && run > (best?.count ?? 0)) best = { start: at - run * w, count: run };
      run = 0;
    }
  }
  return best;
}

/** mips counts from 5000; the tables of the rest end below 600. */
const MAX_SYSCALLS = 8192;

const ALIASES: readonly (readonly [from: RegExp, to: string])[] = [
  // arm's own spellings of common ones (arch/arm/tools/syscall.tbl).
  [/^sys_mmap2$/, "sys_mmap_pgoff"],
  [/^sys_(f?statfs64)_wrapper$/, "sys_$1"],
  [/^sys_arm_(fadvise64_64)$/, "sys_$1"],
];

function metadataName(
  symbol: string,
  known: ReadonlySet<string>,
  lower: ReadonlyMap<string, string>,
): string | undefined {
  const bare = /^(?:__[A-Za-z0-9]+_|__|\.)?((?:sys|ppc|ppc32|ppc64)_.*)$/.exec(symbol)?.[1] ?? symbol;
  const sys = bare.replace(/^ppc(?:32|64)?_/, "sys_");
  // What stands for calls that are not there: find_syscall_meta() passes over it.
  if (sys === "sys_ni_syscall") return undefined;
  for (const candidate of [
    sys,
    ...ALIASES.filter(([from]) => from.test(sys)).map(([from, to]) => sys.replace(from, to)),
  ]) {
    if (known.has(candidate)) return candidate;
    const same = lower.get(candidate.toLowerCase());
    if (same !== undefined) return same;
  }
  return undefined;
}
