import { type Elf, readElf, sectionBytes } from "../../elf/elf.js";
import { relocatedData } from "../../elf/relocate.js";
import { type ElfSymbol, elfSymbols } from "../../elf/symbols.js";
import { DecodeError, InputError } from "../../ground/errors.js";
import { latin1 } from "../../ground/latin1.js";
import { Allowance, OverBudget } from "../../input/budget.js";
import { packingOf } from "../../input/unpack/packing.js";
import { unpack } from "../../input/unpack/unpack.js";
import { KernelImageError } from "./errors.js";
import { type EvalMapsBySystem, readEvalMaps } from "./eval-maps.js";
import { type KernelEvent, namesOf, readEvent } from "./event.js";
import { readTable } from "./event-table.js";
import { type ModuleFile, moduleName } from "./files.js";
import { KernelMemory } from "./memory.js";
import { type DataRegion, dataRegions } from "./module-data.js";
import { type ModuleLayout, moduleLayout } from "./module-regions.js";
import { nameOf } from "./name-of.js";
import type { EventLayout } from "./structs.js";

/** What a module's file says. */
export interface KernelModule {
  readonly name: string;
  /** Modules that are loaded before it. */
  readonly depends: readonly string[];
  /** In the order in which they are numbered. */
  readonly events: readonly KernelEvent[];
  /** Symbols of its text region, from where that begins. */
  readonly text: readonly { readonly name: string; readonly type: "t" | "T"; readonly offset: bigint }[];
  readonly textSize: number;
  /** What else it has in memory; read when it is asked for. */
  data(): readonly DataRegion[];
  readonly btf: Uint8Array | undefined;
}

/** What EXPORT_SYMBOL() makes beside a symbol. */
const EXPORT = "__ksymtab_";

/** Addresses that stand for places in the file: none is NULL. */
const BIAS = 0x10000000n;

/** Reads a module, packed or not. Throws InputError that names the file. */
export async function openModule(file: ModuleFile, layout: EventLayout | undefined): Promise<KernelModule> {
  try {
    let bytes = file.bytes();
    const packing = packingOf(bytes);
    if (packing !== undefined) bytes = await unpack(bytes, packing, file.allowance ?? new Allowance());
    return readModule(readElf(bytes), moduleName(file.path), layout);
  } catch (error) {
    if (error instanceof OverBudget) throw error;
    if (error instanceof InputError || error instanceof DecodeError || error instanceof KernelImageError)
      throw new InputError(`${nameOf(file)}: ${error.message}`);
    throw error;
  }
}

function readModule(elf: Elf, fileName: string, events: EventLayout | undefined): KernelModule {
  const info = modinfo(elf);
  const btf = elf.sections.find(({ name }) => name === ".BTF");
  const layout = moduleLayout(elf);
  const symbols = [...elfSymbols(elf)];
  const exported = exportedNames(symbols);
  return {
    name: info.get("name") ?? fileName,
    depends: (info.get("depends") ?? "")
      .split(",")
      .filter((name) => name !== "")
      .map((name) => name.replaceAll("-", "_")),
    events: events === undefined ? [] : readEvents(elf, events),
    text: textSymbols(symbols, layout, exported),
    textSize: layout.sizes.text,
    data: () => soundRegions(elf, layout, exported),
    btf: btf && sectionBytes(elf, btf),
  };
}

/** None of a file whose relocations are damaged: nothing else needs them. */
function soundRegions(elf: Elf, layout: ModuleLayout, exported: ReadonlySet<string>): readonly DataRegion[] {
  try {
    return dataRegions(elf, layout, exported);
  } catch (error) {
    if (error instanceof DecodeError) return [];
    throw error;
  }
}

function modinfo(elf: Elf): Map<string, string> {
  const section = elf.sections.find(({ name }) => name === ".modinfo");
  const out = new Map<string, string>();
  if (section === undefined) return out;
  for (const line of latin1(sectionBytes(elf, section)).split("\0")) {
    const at = line.indexOf("=");
    if (at > 0 && !out.has(line.slice(0, at))) out.set(line.slice(0, at), line.slice(at + 1));
  }
  return out;
}

function readEvents(elf: Elf, layout: EventLayout): KernelEvent[] {
  const table = elf.sections.find(({ name }) => name === "_ftrace_events");
  if (table === undefined) return [];
  const bytes = relocatedData(elf, BIAS);
  const memory = new KernelMemory(bytes, elf.abi, [{ address: BIAS, offset: 0, size: bytes.length }]);
  const evals = elf.sections.find(({ name }) => name === "_ftrace_eval_map");
  const maps: EvalMapsBySystem =
    evals === undefined ? new Map() : readEvalMaps(memory, layout, evals.offset, evals.offset + evals.size);
  return readTable(memory, table.offset, table.offset + table.size).calls.flatMap((call) => {
    const names = namesOf(memory, layout, call);
    return names === undefined ? [] : [readEvent(memory, layout, names, maps)];
  });
}

/** What EXPORT_SYMBOL() has named: its letter in kallsyms is a capital (s_show(), kernel/kallsyms.c). */
function exportedNames(symbols: readonly ElfSymbol[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name } of symbols) if (name.startsWith(EXPORT)) names.add(name.slice(EXPORT.length));
  return names;
}

function textSymbols(
  symbols: readonly ElfSymbol[],
  { places }: ModuleLayout,
  exported: ReadonlySet<string>,
): KernelModule["text"] {
  return symbols.flatMap(({ name, section, value, type }) => {
    const place = places.get(section);
    if (place?.region !== "text" || name === "" || type > 2) return [];
    return [{ name, type: exported.has(name) ? ("T" as const) : ("t" as const), offset: BigInt(place.offset) + value }];
  });
}
