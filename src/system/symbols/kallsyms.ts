import type { SymbolStyle } from "./style.js";
import { parseKallsyms, type SymbolGroup } from "./symbol-groups.js";

/** A symbol that an address lies in, as sprint_symbol() tells it. */
export interface SymbolHit {
  readonly name: string;
  readonly offset: bigint;
  readonly size: bigint;
  readonly module: string | undefined;
}

/** Where the writing boot had things, against the boot that kallsyms was taken from. */
export interface Relocation {
  /** Address of `_text` in the writing boot (the scratch's text_addr). */
  readonly text?: bigint | undefined;
  /** Text address of each module in the writing boot (the scratch's module entries). */
  readonly modules?: readonly { readonly name: string; readonly address: bigint }[];
}

const PAGE = 4096n;
const MAX_CACHE = 65536;

/**
 * /proc/kallsyms of the writing kernel's build. Parsed once into sorted arrays; names are decoded when they are asked for.
 * kernel/kallsyms.c: of several symbols at one address the first listed counts, and a symbol reaches to the next
 * higher address; kernel/module/kallsyms.c: a module's symbols are looked up in that module alone.
 */
export class Kallsyms {
  private readonly core: SymbolGroup;
  private readonly modules: readonly {
    readonly name: string;
    readonly group: SymbolGroup;
    readonly base: bigint;
    readonly end: bigint;
  }[];
  /** Sorted by the address in the writing boot: which module lies there, and by how much it has moved. */
  private places: { readonly start: bigint; readonly delta: bigint; readonly module: number }[] = [];
  private readonly first: bigint;
  private readonly last: bigint;
  private readonly text: bigint | undefined;
  private delta = 0n;
  private readonly caches: Record<SymbolStyle, Map<number, Map<number, string>>> = {
    S: new Map(),
    s: new Map(),
    B: new Map(),
  };

  private readonly hasSymbols: boolean;

  /** @param file the bytes of kallsyms, not compressed */
  constructor(file: Uint8Array) {
    const { core, modules, hasSymbols } = parseKallsyms(file);
    this.core = core;
    this.hasSymbols = hasSymbols;
    this.modules = modules.map(({ name, base, group }) => ({
      name,
      group,
      base: (base / PAGE) * PAGE,
      end: group.last + PAGE,
    }));
    const named = this.find(["_text", "_stext", "_end"]);
    this.text = named.get("_text");
    this.first = named.get("_stext") ?? core.first;
    this.last = named.get("_end") ?? (core.empty ? 0n : core.last + PAGE);
    this.relocate({});
  }

  /**
   * `_text` in the boot that the file was taken from. arm's kallsyms begins at _stext, megabytes behind it: there is
   * nothing to reckon with then, and no KASLR either.
   */
  get textAddress(): bigint | undefined {
    return this.text;
  }

  /** True when every address is 0: kptr_restrict hid them. */
  get hidden(): boolean {
    return this.hasSymbols && this.core.last === 0n;
  }

  /** By how much the kernel's text moved between the file's boot and the writing boot. */
  get textDelta(): bigint {
    return this.delta;
  }

  /** Says where the writing boot had the kernel and its modules. */
  relocate(to: Relocation): void {
    this.delta = to.text !== undefined && this.text !== undefined ? to.text - this.text : 0n;
    const places: { start: bigint; delta: bigint; module: number }[] = [];
    const moved = new Map((to.modules ?? []).map((m) => [m.name, m.address]));
    this.modules.forEach((m, i) => {
      const address = moved.get(m.name) ?? moved.get(m.name.replace(/_/g, "-"));
      const delta = address === undefined ? 0n : address - m.base;
      places.push({ start: m.base + delta, delta, module: i });
    });
    places.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
    this.places = places;
    for (const c of Object.values(this.caches)) c.clear();
  }

  /** An address of the writing boot as an address of the boot that the file was taken from. */
  unrelocate(address: bigint): bigint {
    const core = address - this.delta;
    if (core >= this.first && core < this.last) return core;
    const place = this.placeOf(address);
    return place === undefined ? address : address - place.delta;
  }

  /** The symbol that an address of the writing boot lies in. */
  lookup(address: bigint): SymbolHit | undefined {
    const core = BigInt.asUintN(64, address - this.delta);
    if (core >= this.first && core < this.last) return this.inGroup(this.core, core, undefined, this.last);
    const place = this.placeOf(address);
    if (place === undefined) return undefined;
    const m = this.modules[place.module]!;
    const there = address - place.delta;
    return there < m.end ? this.inGroup(m.group, there, m.name, m.end) : undefined;
  }

  /** %pS, %ps and %pB: sprint_symbol() and its brothers. Answers are remembered. */
  render(hi: number, lo: number, style: SymbolStyle): string {
    const cache = this.caches[style];
    let byLow = cache.get(hi);
    if (byLow === undefined) {
      if (cache.size >= MAX_CACHE) cache.clear();
      byLow = new Map();
      cache.set(hi, byLow);
    }
    let text = byLow.get(lo);
    if (text === undefined) {
      if (byLow.size >= MAX_CACHE) byLow.clear();
      text = this.renderNow((BigInt(hi) << 32n) | BigInt(lo), style);
      byLow.set(lo, text);
    }
    return text;
  }

  private renderNow(address: bigint, style: SymbolStyle): string {
    // A return address may lie behind its function's end: the byte before it is looked up (sprint_backtrace()).
    const back = style === "B" ? 1n : 0n;
    const hit = this.lookup(address - back);
    if (hit === undefined) return `0x${address.toString(16)}`;
    const module = hit.module === undefined ? "" : ` [${hit.module}]`;
    if (style === "s") return hit.name + module;
    return `${hit.name}+${alternate(hit.offset + back)}/${alternate(hit.size)}${module}`;
  }

  /** Addresses of symbols of the kernel by name, in the file's boot; the first of each name counts. */
  find(names: readonly string[]): Map<string, bigint> {
    return this.core.named(names);
  }

  private placeOf(address: bigint): { delta: bigint; module: number } | undefined {
    let low = 0;
    let high = this.places.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (this.places[mid]!.start <= address) low = mid + 1;
      else high = mid;
    }
    return low === 0 ? undefined : this.places[low - 1];
  }

  private inGroup(group: SymbolGroup, address: bigint, module: string | undefined, end: bigint): SymbolHit | undefined {
    const found = group.at(address);
    if (found === undefined) return undefined;
    const { name, start, next } = found;
    return { name, offset: address - start, size: (next ?? end) - start, module };
  }
}

/** "%#lx": 0 has no prefix... in C; the kernel's number() prints "0x0". */
function alternate(v: bigint): string {
  return `0x${v.toString(16)}`;
}
