import { MAX_KERNEL_EVENTS } from "../../ground/limits.js";
import { KernelImageError, TypesDisagree } from "./errors.js";
import { namesOf, SYSCALLS } from "./event.js";
import { layoutDifferences } from "./event-types.js";
import type { KernelMemory } from "./memory.js";
import { type EventLayout, eventLayout } from "./structs.js";

/** The pointers of __start_ftrace_events..__stop_ftrace_events, or of a module's _ftrace_events. */
export interface EventTable {
  /** Places of the event descriptions, in link order. */
  readonly calls: readonly number[];
  /** Where the table ends: the eval maps follow there. */
  readonly end: number;
}

const IDENTIFIER = /^[A-Za-z_][\w:.-]{0,127}$/;

export function readTable(memory: KernelMemory, start: number, end: number): EventTable {
  const count = Math.floor((end - start) / memory.word);
  if (!(count >= 0 && count <= MAX_KERNEL_EVENTS))
    throw new KernelImageError(`its table of events has ${count} entries`);
  const calls: number[] = [];
  for (let i = 0; i < count; i++) {
    const call = memory.pointer(start + i * memory.word);
    if (call >= 0) calls.push(call);
  }
  return { calls, end };
}

/**
 * Without symbols: the longest run of words that point to event descriptions.
 * @param told the layout of BTF, where there is one
 */
export function searchTable(memory: KernelMemory, told: EventLayout | undefined): EventTable | undefined {
  const w = memory.word;
  const layout = told ?? eventLayout(w, false, 4);
  // Most words of a kernel are no pointers into it; of those that are, one look at the class tells.
  const systems = new Map<number, boolean>();
  const isCall = (call: number): boolean => {
    if (call < 0 || !memory.has(call, layout.call.flags + 4)) return false;
    const klass = memory.pointer(call + layout.call.class);
    if (klass < 0) return false;
    let known = systems.get(klass);
    if (known === undefined) {
      known = looksLikeClass(memory, klass);
      systems.set(klass, known);
    }
    if (!known) return false;
    const print = memory.pointer(call + layout.call.printFmt);
    if (print >= 0) return memory.bytes[print] === 0x22;
    return memory.text(memory.pointer(klass)) === "syscalls";
  };
  let best: { start: number; count: number } | undefined;
  for (const { offset, size } of memory.segments) {
    let run = 0;
    const end = Math.min(offset + size, memory.bytes.length);
    for (let at = offset; at + w <= end; at += w) {
      if (isCall(memory.pointer(at))) {
        run++;
        continue;
      }
      if (run > 1 && run > (best?.count ?? 0)) best = { start: at - run * w, count: run };
      run = 0;
    }
  }
  return best && readTable(memory, best.start, best.start + best.count * w);
}

function looksLikeClass(memory: KernelMemory, klass: number): boolean {
  const system = memory.text(memory.pointer(klass));
  if (system === undefined || !IDENTIFIER.test(system)) return false;
  return [3, 4].some((word) => memory.pointer(klass + word * memory.word) >= 0);
}

/**
 * The layout of these descriptions. What the kernel's types say comes first, so that a kernel that no table knows is read;
 * the bytes judge where it differs from what their shape tells.
 * @param told the layout of BTF, where there is one
 * @throws TypesDisagree where descriptions are read less well by it than by the tables
 */
export function layoutOf(memory: KernelMemory, calls: readonly number[], told: EventLayout | undefined): EventLayout {
  const found = layoutByShape(memory, calls);
  if (told === undefined) return found;
  const differences = layoutDifferences(told, found);
  if (differences.length > 0 && readable(memory, calls, told) < readable(memory, calls, found))
    throw new TypesDisagree(differences);
  return told;
}

/** How many descriptions lead to a name, a print format and fields. */
function readable(memory: KernelMemory, calls: readonly number[], layout: EventLayout): number {
  return calls.filter((call) => {
    const names = namesOf(memory, layout, call);
    if (names === undefined) return false;
    const klass = memory.pointer(call + layout.call.class);
    const field = memory.pointer(klass + layout.class.fields);
    if (names.system === SYSCALLS) return true;
    const print = memory.pointer(call + layout.call.printFmt);
    return print >= 0 && memory.bytes[print] === 0x22 && memory.has(field, layout.field.entry);
  }).length;
}

/** By their own words: flags hold nothing but flags only at their place. */
function layoutByShape(memory: KernelMemory, calls: readonly number[]): EventLayout {
  const w = memory.word;
  const fields = fieldsWord(memory, calls);
  const fits = (layout: EventLayout): number => {
    const { flags, tracepointFlag } = layout.call;
    // Set in the file: TRACEPOINT, and IGNORE_ENABLE, CAP_ANY of ftrace's own and system calls.
    const allowed = tracepointFlag | (tracepointFlag >> 1) | (tracepointFlag >> 3);
    let fitting = 0;
    for (const call of calls) {
      const value = memory.u32(call + flags);
      if (value !== 0 && (value & ~allowed) === 0) fitting++;
    }
    return fitting;
  };
  const now = eventLayout(w, false, fields);
  const before = eventLayout(w, true, fields);
  return fits(before) > fits(now) ? before : now;
}

/** The word of the fields in a class: the fourth with CONFIG_PERF_EVENTS, the third without. */
function fieldsWord(memory: KernelMemory, calls: readonly number[]): 3 | 4 {
  const score = { 3: 0, 4: 0 };
  for (const call of calls.slice(0, 256)) {
    const klass = memory.pointer(call + 2 * memory.word);
    if (klass < 0) continue;
    for (const word of [3, 4] as const) {
      const fields = memory.pointer(klass + word * memory.word);
      const type = fields < 0 ? undefined : memory.text(memory.pointer(fields));
      const name = fields < 0 ? undefined : memory.text(memory.pointer(fields + memory.word));
      if (type && name && /^[A-Za-z_]/.test(type) && IDENTIFIER.test(name)) score[word]++;
    }
  }
  return score[3] > score[4] ? 3 : 4;
}
