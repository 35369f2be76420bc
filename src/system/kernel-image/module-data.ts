import { type Elf, SHF_WRITE, SHT_NOBITS } from "../../elf/elf.js";
import { dataPointers } from "../../elf/relocate.js";
import { type ElfSymbol, elfSymbols } from "../../elf/symbols.js";
import type { ModuleLayout, Region } from "./module-regions.js";
import { textAtStart } from "./text-bytes.js";

/** A part of a module's memory that is no code. */
export interface DataRegion {
  readonly region: Exclude<Region, "text">;
  readonly size: number;
  /** With the letters of kallsyms, from where the region begins. */
  readonly symbols: readonly { readonly name: string; readonly type: string; readonly offset: bigint }[];
  /** Tables of functions, as drivers hand them around ("ops"): where they begin. */
  readonly tables: ReadonlySet<number>;
  /** A constant's text; undefined in what the module may write. */
  textAt(offset: number): string | undefined;
}

const STT_OBJECT = 1;

/** The regions of a module's data, those that have something. */
export function dataRegions(elf: Elf, layout: ModuleLayout, exported: ReadonlySet<string>): DataRegion[] {
  const symbols = [...elfSymbols(elf)];
  const tables = tablesOf(elf, layout, symbols);
  return (["rodata", "ro_after_init", "data"] as const)
    .filter((region) => layout.sizes[region] > 0)
    .map((region) => ({
      region,
      size: layout.sizes[region],
      symbols: symbols.flatMap(({ name, section, value, type }) => {
        const place = layout.places.get(section);
        if (place?.region !== region || name === "" || type > 2) return [];
        const letter = letterOf(elf, section);
        return [
          {
            name,
            type: exported.has(name) ? letter.toUpperCase() : letter,
            offset: BigInt(place.offset) + value,
          },
        ];
      }),
      tables: tables.get(region) ?? new Set(),
      textAt: (offset) => (region === "rodata" ? textAt(elf, layout, offset) : undefined),
    }));
}

/** elf_type(), kernel/module/kallsyms.c, for what is in memory. */
function letterOf({ sections }: Elf, section: number): string {
  const { type, flags } = sections[section]!;
  if (type === SHT_NOBITS) return "b";
  return (flags & SHF_WRITE) === 0 ? "r" : "d";
}

/**
 * Objects of a module's own data that hold a pointer to one of its functions, by region. What macros make beside the
 * source's own objects (tracepoints, static calls) has names that begin with underscores, or sections of its own.
 */
function tablesOf(elf: Elf, { places }: ModuleLayout, symbols: readonly ElfSymbol[]): Map<Region, Set<number>> {
  const pointers = new Set<number>();
  for (const { at, section } of dataPointers(elf)) if (places.get(section.index)?.region === "text") pointers.add(at);
  const { longSize } = elf.abi;
  const tables = new Map<Region, Set<number>>();
  for (const { name, section, value, size, type } of symbols) {
    const place = places.get(section);
    const home = elf.sections[section];
    if (type !== STT_OBJECT || place === undefined || home === undefined || name.startsWith("__")) continue;
    if (!/^\.(?:rodata|data)(?:\.|$)/.test(home.name)) continue;
    const start = home.offset + Number(value);
    const end = Math.min(start + Math.min(Number(size), MAX_TABLE), elf.bytes.length);
    let at = start;
    while (at + longSize <= end && !pointers.has(at)) at += longSize;
    if (at + longSize > end) continue;
    const ofRegion = tables.get(place.region) ?? new Set();
    tables.set(place.region, ofRegion.add(place.offset + Number(value)));
  }
  return tables;
}

/** As far as a table is looked through for its first function. */
const MAX_TABLE = 4096;

function textAt(elf: Elf, { places }: ModuleLayout, offset: number): string | undefined {
  for (const [index, { region, offset: start }] of places) {
    const section = elf.sections[index]!;
    if (region !== "rodata" || offset < start || offset >= start + section.size) continue;
    return textAtStart(elf.bytes.u8.subarray(section.offset + offset - start, section.offset + section.size));
  }
  return undefined;
}
