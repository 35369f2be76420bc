import { isElf, PT_LOAD, readElf } from "../../elf/elf.js";
import type { Abi } from "../../ground/abi.js";
import { DecodeError } from "../../ground/errors.js";
import { Btf } from "../btf.js";
import { voteForAddress } from "./address-vote.js";
import { btfOf } from "./btf-section.js";
import { configuredHz } from "./built-in-config.js";
import { KernelImageError, TypesDisagree } from "./errors.js";
import { type EvalMapsBySystem, readEvalMaps } from "./eval-maps.js";
import { type CallNames, type KernelEvent, namesOf, readEvent, SYSCALLS } from "./event.js";
import { type EventTable, layoutOf, readTable, searchTable } from "./event-table.js";
import { eventLayoutOfTypes } from "./event-types.js";
import { banner, buildId, machineOfElf } from "./identity.js";
import { findKallsyms, type KallsymsTables } from "./kallsyms-tables.js";
import { KernelMemory, type Segment } from "./memory.js";
import { printkFormatsText } from "./printk-text.js";
import type { EventLayout } from "./structs.js";
import { ImageSymbols } from "./symbols.js";
import { syscallNumbers } from "./syscall-numbers.js";
import { openFlagsOf, readMetadata, type SyscallMetadata, syscallEvent } from "./syscalls.js";
import type { Unwrapped } from "./unwrap.js";

/** An event with its number. */
export interface NumberedEvent {
  readonly id: number;
  readonly event: KernelEvent;
}

/** All that a boot image says of its kernel. */
export interface KernelImage {
  readonly layers: readonly string[];
  readonly memory: KernelMemory;
  readonly symbols: ImageSymbols | undefined;
  readonly release: string | undefined;
  /** linux_banner. */
  readonly version: string | undefined;
  readonly buildId: string | undefined;
  readonly machine: string | undefined;
  readonly events: readonly NumberedEvent[];
  /** The first number that a module's events may get. */
  readonly nextId: number;
  readonly layout: EventLayout | undefined;
  readonly printkFormats: string;
  readonly btf: Uint8Array | undefined;
  /** CONFIG_HZ, where the configuration is built in. */
  readonly hz: number | undefined;
  /** The same as btf, read. */
  readonly types: Btf | undefined;
}

/** Reads an unwrapped kernel. Throws KernelImageError when it is none after all. */
export function readKernelImage({ bytes, layers, abi, machine: told }: Unwrapped): KernelImage {
  const { memory, tables, elfMachine } = isElf(bytes) ? elfMemory(bytes) : flatMemory(bytes, abi);
  const symbols = tables && new ImageSymbols(tables, memory);
  const machine = elfMachine === undefined ? told : machineOfElf(elfMachine, memory.abi.littleEndian);
  const named = banner(memory);
  const types = typesOf(memory, symbols);
  const { events, nextId, layout } = readEvents({ memory, symbols, machine, types: types?.btf });
  // A program is an ELF file that can be loaded, too.
  if (!tables && !named && !types && events.length === 0)
    throw new KernelImageError("nothing in it tells of a kernel: it has no banner, no symbols, no events and no types");
  return {
    layers,
    memory,
    symbols,
    machine,
    release: named?.release,
    version: named?.text,
    buildId: buildId(memory, symbols),
    events,
    nextId,
    layout,
    printkFormats: symbols === undefined ? "" : printkFormatsText(memory, symbols),
    btf: types?.bytes,
    types: types?.btf,
    hz: configuredHz(memory),
  };
}

function typesOf(memory: KernelMemory, symbols: ImageSymbols | undefined): { bytes: Uint8Array; btf: Btf } | undefined {
  const bytes = btfOf(memory, symbols);
  if (bytes === undefined) return undefined;
  try {
    return { bytes, btf: new Btf(bytes) };
  } catch (error) {
    // What begins like type information and is none is left alone.
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

interface Found {
  readonly memory: KernelMemory;
  readonly tables: KallsymsTables | undefined;
  readonly elfMachine?: number;
}

function elfMemory(bytes: Uint8Array): Found {
  try {
    const elf = readElf(bytes);
    const loaded = elf.programHeaders.filter(({ type, fileSize }) => type === PT_LOAD && fileSize > 0);
    // x86's per-CPU data was linked at 0 until 6.14: no part of the ordinary address space.
    const ordinary = loaded.some(({ virtualAddress }) => virtualAddress !== 0n)
      ? loaded.filter(({ virtualAddress }) => virtualAddress !== 0n)
      : loaded;
    // No two of a kernel's share bytes: damaged headers are not believed for more than the file has.
    let left = bytes.length;
    const segments: Segment[] = ordinary
      .filter(({ offset }) => offset < bytes.length)
      .map(({ virtualAddress, offset, fileSize }) => ({
        address: virtualAddress,
        offset,
        size: Math.min(fileSize, bytes.length - offset),
      }))
      .filter(({ size }) => {
        left -= size;
        return left >= 0;
      });
    if (segments.length === 0) throw new KernelImageError("this ELF file has nothing to load");
    const memory = new KernelMemory(bytes, elf.abi, segments);
    return { memory, tables: findKallsyms(bytes, elf.abi), elfMachine: elf.machine };
  } catch (error) {
    if (error instanceof DecodeError) throw new KernelImageError(`its ELF headers do not fit: ${error.message}`);
    throw error;
  }
}

const ABIS: readonly Abi[] = [true, false].flatMap((littleEndian) =>
  ([8, 4] as const).map((longSize) => ({ littleEndian, longSize })),
);

/** A kernel that lies in the file as in memory: where, is told by pointers in it. */
function flatMemory(bytes: Uint8Array, told: Abi | undefined): Found {
  for (const abi of told === undefined ? ABIS : [told]) {
    const tables = findKallsyms(bytes, abi);
    if (tables === undefined) continue;
    for (const address of voteForAddress(bytes, abi)) {
      const memory = new KernelMemory(bytes, abi, [{ address, offset: 0, size: bytes.length }]);
      if (leadsToEvents(memory, new ImageSymbols(tables, memory))) return { memory, tables };
    }
  }
  throw new KernelImageError(
    "it holds a kernel whose tables cannot be found: it has no symbols (CONFIG_KALLSYMS) or no events",
  );
}

function leadsToEvents(memory: KernelMemory, symbols: ImageSymbols): boolean {
  const told = toldLayout(typesOf(memory, symbols)?.btf, memory);
  const table = eventTable(memory, symbols, told);
  if (table === undefined || table.calls.length === 0) return false;
  const layout = layoutOf(memory, table.calls, told);
  const some = table.calls.slice(0, 64);
  return some.filter((call) => namesOf(memory, layout, call) !== undefined).length > some.length / 2;
}

function toldLayout(types: Btf | undefined, memory: KernelMemory): EventLayout | undefined {
  return types && eventLayoutOfTypes(types, memory.word);
}

function eventTable(
  memory: KernelMemory,
  symbols: ImageSymbols | undefined,
  told: EventLayout | undefined,
): EventTable | undefined {
  const start = symbols?.place("__start_ftrace_events") ?? -1;
  const end = symbols?.place("__stop_ftrace_events") ?? -1;
  return start >= 0 && end >= start ? readTable(memory, start, end) : searchTable(memory, told);
}

/** Without types: ftrace's own events end with this one; all others are numbered from the next (enum trace_type). */
const LAST_FTRACE_EVENT = "func_repeats";

/** The largest number of an event (include/linux/trace_events.h). */
const TRACE_EVENT_TYPE_MAX = 0xffff;

/** __TRACE_LAST_TYPE. */
function firstFreeId(calls: readonly CallNames[], types: Btf | undefined): number {
  const told = types?.enumerator("__TRACE_LAST_TYPE");
  const last = calls.find(({ name }) => name === LAST_FTRACE_EVENT)?.fixedId ?? 0;
  if (told === undefined) return last + 1;
  const beyond = calls.find(({ fixedId }) => BigInt(fixedId) >= told);
  if (beyond !== undefined)
    throw new TypesDisagree([`__TRACE_LAST_TYPE: ${told}, but ${beyond.name} has the number ${beyond.fixedId}`]);
  return Number(told);
}

interface Events {
  readonly events: readonly NumberedEvent[];
  readonly nextId: number;
  readonly layout: EventLayout | undefined;
}

interface Known extends Pick<KernelImage, "memory" | "symbols" | "machine"> {
  readonly types: Btf | undefined;
}

function readEvents({ memory, symbols, machine, types }: Known): Events {
  const told = toldLayout(types, memory);
  const table = eventTable(memory, symbols, told);
  if (table === undefined || table.calls.length === 0) return { events: [], nextId: 0, layout: undefined };
  const layout = layoutOf(memory, table.calls, told);
  const mapsStart = symbols?.place("__start_ftrace_eval_maps") ?? -1;
  const mapsEnd = symbols?.place("__stop_ftrace_eval_maps") ?? -1;
  const maps =
    mapsStart >= 0 ? readEvalMaps(memory, layout, mapsStart, mapsEnd) : readEvalMaps(memory, layout, table.end, -1);
  const calls = table.calls.flatMap((call) => namesOf(memory, layout, call) ?? []);
  let nextId = firstFreeId(calls, types);
  const events = describedEvents({ memory, symbols, machine, layout, maps }, calls).map(({ names, event }) => ({
    id: names.fixedId !== 0 ? names.fixedId : nextId++,
    event,
  }));
  const beyond = events.find(({ id }) => id > TRACE_EVENT_TYPE_MAX);
  if (beyond !== undefined || nextId > TRACE_EVENT_TYPE_MAX + 1)
    throw new KernelImageError(`the number of an event is ${beyond?.id ?? nextId}, and has 16 bits in a record`);
  return { events, nextId, layout };
}

/** What descriptions of events are read with. */
export interface Descriptions extends Pick<KernelImage, "memory" | "symbols" | "machine"> {
  readonly layout: EventLayout;
  readonly maps: EvalMapsBySystem;
}

/** The events that are described: all but system calls that the kernel's table has not. */
export function describedEvents(
  { memory, symbols, machine, layout, maps }: Descriptions,
  calls: readonly CallNames[],
): { readonly names: CallNames; readonly event: KernelEvent }[] {
  const metadata = new Map<number, SyscallMetadata>();
  for (const names of calls) {
    if (names.system !== SYSCALLS || metadata.has(names.data)) continue;
    const found = readMetadata(memory, layout, names.data);
    if (found !== undefined) metadata.set(names.data, found);
  }
  const known = new Set([...metadata.values()].map(({ name }) => name));
  const numbers = symbols === undefined ? new Map<string, number>() : syscallNumbers(memory, symbols, known);
  const rules = {
    mapped: new Set([...numbers.keys()].map((name) => name.slice(4))),
    recordsMemory: !memory.find("syscall_user_buf_size").next().done,
    openFlags: openFlagsOf(machine),
  };
  return calls.flatMap((names) => {
    if (names.system !== SYSCALLS) return [{ names, event: readEvent(memory, layout, names, maps) }];
    const of = metadata.get(names.data);
    return of === undefined || !numbers.has(of.name) ? [] : [{ names, event: syscallEvent(memory, of, names, rules) }];
  });
}
