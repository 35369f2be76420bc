import { lastUpTo } from "../../ground/last-up-to.js";
import type { ModuleSymbols } from "./module-symbols.js";
import type { FoundSymbol } from "./symbol-groups.js";

/** A module that the writing boot had elsewhere than the boot that kallsyms was taken from. */
export interface MovedModule {
  readonly name: string;
  readonly address: bigint;
}

/** A module's symbol that an address lies in. */
export interface ModuleHit extends FoundSymbol {
  readonly module: string | undefined;
  /** Behind the symbol: where the next begins, or the region ends. */
  readonly next: bigint;
  /** By how much its region has moved. */
  readonly delta: bigint;
  /** In the module's text. */
  readonly text: boolean;
}

/** A run of one module's symbols in one region. */
interface Region {
  readonly module: number;
  readonly text: boolean;
  /** Its symbols: the first, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** The page of its first symbol, and the one behind that of its last, where kallsyms has them. */
  readonly first: bigint;
  readonly last: bigint;
  delta: bigint;
  /** In the writing boot. */
  start: bigint;
  end: bigint;
}

/**
 * Where modules lie. A module is several regions (MOD_TEXT, MOD_DATA, MOD_RODATA, MOD_RO_AFTER_INIT), each allocated for
 * itself, so other modules' lie between them; a symbol is looked for in the region that the address is in, no other
 * (find_kallsyms_symbol(), kernel/module/kallsyms.c). Kallsyms does not tell where a region ends: a module's file does, else
 * see endOf().
 */
export class ModuleRegions {
  private readonly found: readonly Region[];
  /** Those that are known in the writing boot, by their address there. */
  private regions: Region[] = [];
  /** Text bases in the file's boot. */
  private readonly bases = new Map<number, bigint>();

  constructor(
    private readonly symbols: ModuleSymbols,
    private readonly pageSize: bigint,
    moved: readonly MovedModule[],
    /** Where regions end in the file's boot, as far as somebody knows; sorted. */
    private readonly ends: readonly bigint[] = [],
  ) {
    this.found = this.runs();
    for (const { module, text, first } of this.found)
      if (text && !this.bases.has(module)) this.bases.set(module, first);
    this.place(moved);
  }

  /** The symbol that an address of the writing boot lies in. */
  at(address: bigint): ModuleHit | undefined {
    const { symbols } = this;
    const region = this.regionAt(address);
    if (region === undefined) return undefined;
    const next = Math.min(symbols.group.upTo(BigInt.asUintN(64, address - region.delta)), region.to);
    // Before its first symbol a region has no name.
    if (next <= region.from) return undefined;
    const i = symbols.group.firstOf(next - 1);
    return {
      name: symbols.group.nameAt(i),
      start: BigInt.asUintN(64, symbols.group.addressAt(i) + region.delta),
      next: next < region.to ? BigInt.asUintN(64, symbols.group.addressAt(next) + region.delta) : region.end,
      module: this.nameOf(region),
      delta: region.delta,
      text: region.text,
    };
  }

  /** The module in whose memory an address of the writing boot lies, behind a symbol or not. */
  moduleAt(address: bigint): string | undefined {
    const region = this.regionAt(address);
    return region && this.nameOf(region);
  }

  private regionAt(address: bigint): Region | undefined {
    const { regions } = this;
    const region = regions[lastUpTo(regions.length, (i) => regions[i]!.start, address)];
    return region === undefined || address >= region.end ? undefined : region;
  }

  /** bpf_address_lookup() names no module. */
  private nameOf({ module }: Region): string | undefined {
    const name = this.symbols.names[module]!;
    return name === "bpf" ? undefined : name;
  }

  /** Whether all lie where the file's boot had them. */
  get unmoved(): boolean {
    return this.regions.length === this.found.length && this.regions.every(({ delta }) => delta === 0n);
  }

  /** An address of the file's boot in the writing boot; undefined where it is in no region whose place is known. */
  moved(address: bigint): bigint | undefined {
    const region = this.regions.find(({ first, last }) => address >= first && address < last);
    return region && BigInt.asUintN(64, address + region.delta);
  }

  /** The symbols whose place in the writing boot is known, as lines of kallsyms. @param digits of an address */
  *lines(digits: number): Generator<string> {
    const { group, names, types } = this.symbols;
    for (const { module, from, to, delta } of this.regions)
      for (let i = from; i < to; i++) {
        const address = BigInt.asUintN(64, group.addressAt(i) + delta)
          .toString(16)
          .padStart(digits, "0");
        yield `${address} ${String.fromCharCode(types[i]!)} ${group.nameAt(i)}\t[${names[module]}]\n`;
      }
  }

  /** Runs of symbols, as they lie in the file's boot. */
  private runs(): Region[] {
    const { group, owners, types, count } = this.symbols;
    const out: Region[] = [];
    let from = 0;
    let kind: Kind | undefined;
    const close = (to: number): void => {
      if (kind === undefined || kind === "elsewhere") return;
      const first = this.page(group.addressAt(from));
      const last = this.page(group.addressAt(to - 1)) + this.pageSize;
      const module = owners[from]!;
      out.push({ module, text: kind === "text", from, to, first, last, delta: 0n, start: 0n, end: 0n });
    };
    for (let i = 0; i < count; i++) {
      const own = kindOf(types[i]!);
      if (i > from && owners[i] === owners[from] && (own === kind || own === "any")) continue;
      close(i);
      from = i;
      kind = own === "any" ? "data" : own;
    }
    close(count);
    return out;
  }

  /**
   * Puts the regions where the writing boot had them. The image tells where each module's text was; its other regions
   * moved along only where all modules moved alike.
   */
  private place(moved: readonly MovedModule[]): void {
    const deltas = new Map<number, bigint>();
    const { names } = this.symbols;
    for (const { name, address } of moved) {
      const at = names.indexOf(name);
      const module = at < 0 ? names.indexOf(name.replace(/-/g, "_")) : at;
      const base = this.bases.get(module);
      if (base !== undefined) deltas.set(module, address - base);
    }
    const alike = new Set(deltas.values()).size <= 1;
    for (const region of this.found) {
      const delta = deltas.get(region.module) ?? 0n;
      if (delta !== 0n && !region.text && !alike) continue;
      region.delta = delta;
      region.start = BigInt.asUintN(64, region.first + delta);
      this.regions.push(region);
    }
    this.regions.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
    this.regions.forEach((region, i) => {
      region.end = this.endOf(region, this.regions[i + 1]?.start);
    });
  }

  /**
   * Where a region ends: whole pages. Text is allocated close together and ends with small functions: the page of its
   * last symbol. Read-only data goes on behind its last symbol (unwind tables), writable data too (the module's own
   * symbol table, layout_symtab()), up to the page that vmalloc() leaves free before the next region.
   */
  private endOf(region: Region, next: bigint | undefined): bigint {
    const last = BigInt.asUintN(64, region.last + region.delta);
    const known = this.ends.map((end) => this.page(end + this.pageSize - 1n)).find((end) => end >= region.last);
    const told = known && BigInt.asUintN(64, known + region.delta);
    if (told !== undefined && (next === undefined || told <= next)) return told;
    if (next === undefined) return last;
    if (region.text || next <= last) return next < last ? next : last;
    return next - this.pageSize;
  }

  private page(address: bigint): bigint {
    return address - (address % this.pageSize);
  }
}

type Kind = "text" | "rodata" | "data" | "elsewhere" | "any";

function kindOf(type: number): Kind {
  switch (String.fromCharCode(type).toLowerCase()) {
    case "t":
    case "w":
      return "text";
    case "r":
      return "rodata";
    case "d":
    case "b":
    case "g":
    case "s":
      return "data";
    // Variables of each CPU, and absolute numbers: in no region of the module.
    case "a":
    case "u":
      return "elsewhere";
    default:
      return "any";
  }
}
