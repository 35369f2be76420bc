import type { SymbolStyle } from "../format/env.js";

/** A symbol that an address lies in, as sprint_symbol() tells it. */
export interface SymbolHit {
  readonly name: string;
  readonly offset: bigint;
  readonly size: bigint;
  readonly module: string | undefined;
}

/** A module's symbols and the page that its text begins at, in the boot that kallsyms was taken from. */
export interface ModuleSymbols {
  readonly name: string;
  /** Lowest text address, rounded down to a page. */
  readonly base: bigint;
}

/** Where the writing boot had things, against the boot that kallsyms was taken from. */
export interface Relocation {
  /** Address of `_text` in the writing boot (the scratch's text_addr). */
  readonly text?: bigint | undefined;
  /** Text address of each module in the writing boot (the scratch's module entries). */
  readonly modules?: readonly { readonly name: string; readonly address: bigint }[];
}

/** A group of symbols sorted by address: the kernel's own, or one module's. */
interface Group {
  readonly hi: Uint32Array;
  readonly lo: Uint32Array;
  /** Where each name begins and ends in the file. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly count: number;
}

const NEWLINE = 10;
const TAB = 9;
const SPACE = 32;
const PAGE = 4096n;
const MAX_CACHE = 65536;

/**
 * /proc/kallsyms of the writing kernel's build. Parsed once into sorted arrays; names are decoded when they are asked for.
 * kernel/kallsyms.c: of several symbols at one address the first listed counts, and a symbol reaches to the next
 * higher address; kernel/module/kallsyms.c: a module's symbols are looked up in that module alone.
 */
export class Kallsyms {
  private readonly core: Group;
  private readonly modules: { readonly name: string; readonly group: Group; readonly base: bigint; end: bigint }[] = [];
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

  /** Symbols in the file. */
  readonly count: number;

  /** @param file the bytes of kallsyms, not compressed */
  constructor(private readonly file: Uint8Array) {
    const parsed = parse(file);
    this.count = parsed.count;
    this.core = parsed.core;
    for (const m of parsed.modules) {
      const base = (m.base / PAGE) * PAGE;
      const n = m.group.count;
      this.modules.push({ name: m.name, group: m.group, base, end: n > 0 ? addressAt(m.group, n - 1) + PAGE : base });
    }
    const named = this.find(["_text", "_stext", "_end", "_etext", "_einittext"]);
    this.text = named.get("_text") ?? named.get("_stext");
    const n = this.core.count;
    this.first = named.get("_stext") ?? (n > 0 ? addressAt(this.core, 0) : 0n);
    this.last = named.get("_end") ?? (n > 0 ? addressAt(this.core, n - 1) + PAGE : 0n);
    this.relocate({});
  }

  /** `_text` in the boot that the file was taken from. */
  get textAddress(): bigint | undefined {
    return this.text;
  }

  /** True when every address is 0: kptr_restrict hid them. */
  get hidden(): boolean {
    return this.count > 0 && this.last === 0n;
  }

  get moduleNames(): readonly string[] {
    return this.modules.map((m) => m.name);
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

  /** Addresses of symbols by name; the first of each name counts. */
  find(names: readonly string[]): Map<string, bigint> {
    const out = new Map<string, bigint>();
    const wanted = new Set(names);
    const lengths = new Set(names.map((n) => n.length));
    const g = this.core;
    for (let i = 0; i < g.count && wanted.size > 0; i++) {
      if (!lengths.has(g.to[i]! - g.from[i]!)) continue;
      const name = this.nameAt(g, i);
      if (wanted.delete(name)) out.set(name, addressAt(g, i));
    }
    return out;
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

  private inGroup(g: Group, address: bigint, module: string | undefined, end: bigint): SymbolHit | undefined {
    const hi = Number(address >> 32n);
    const lo = Number(address & 0xffffffffn);
    let low = 0;
    let high = g.count;
    while (low < high) {
      const mid = (low + high) >> 1;
      const h = g.hi[mid]!;
      if (h < hi || (h === hi && g.lo[mid]! <= lo)) low = mid + 1;
      else high = mid;
    }
    const next = low;
    let i = low - 1;
    if (i < 0) return undefined;
    while (i > 0 && g.lo[i - 1] === g.lo[i] && g.hi[i - 1] === g.hi[i]) i--;
    const start = addressAt(g, i);
    const stop = next < g.count ? addressAt(g, next) : end;
    return { name: this.nameAt(g, i), offset: address - start, size: stop - start, module };
  }

  private nameAt(g: Group, i: number): string {
    let s = "";
    for (let p = g.from[i]!; p < g.to[i]!; p++) s += String.fromCharCode(this.file[p]!);
    return s;
  }
}

/** "%#lx": 0 has no prefix... in C; the kernel's number() prints "0x0". */
function alternate(v: bigint): string {
  return `0x${v.toString(16)}`;
}

function addressAt(g: Group, i: number): bigint {
  return (BigInt(g.hi[i]!) << 32n) | BigInt(g.lo[i]!);
}

interface Parsed {
  count: number;
  core: Group;
  modules: { name: string; base: bigint; group: Group }[];
}

/** Lines "address type name[\t[module]]". Lines that are none are passed over. */
function parse(file: Uint8Array): Parsed {
  let lines = 1;
  for (let i = file.indexOf(NEWLINE); i >= 0; i = file.indexOf(NEWLINE, i + 1)) lines++;
  const hi = new Uint32Array(lines);
  const lo = new Uint32Array(lines);
  const from = new Uint32Array(lines);
  const to = new Uint32Array(lines);
  let core = 0;
  let count = 0;
  const modules = new Map<
    string,
    { at: number[]; hi: number[]; lo: number[]; from: number[]; to: number[]; base: bigint }
  >();
  let at = 0;
  while (at < file.length) {
    let end = file.indexOf(NEWLINE, at);
    if (end < 0) end = file.length;
    let p = at;
    let h = 0;
    let l = 0;
    let digits = 0;
    for (; p < end && digits < 16; p++, digits++) {
      const c = file[p]!;
      const d = c >= 48 && c <= 57 ? c - 48 : c >= 97 && c <= 102 ? c - 87 : c >= 65 && c <= 70 ? c - 55 : -1;
      if (d < 0) break;
      h = ((h << 4) | (l >>> 28)) >>> 0;
      l = ((l << 4) | d) >>> 0;
    }
    if (digits > 0 && p + 3 < end && file[p] === SPACE && file[p + 2] === SPACE) {
      const type = file[p + 1]!;
      const start = p + 3;
      let stop = start;
      while (stop < end && file[stop] !== TAB && file[stop] !== SPACE) stop++;
      count++;
      let bracket = stop;
      while (bracket < end && (file[bracket] === TAB || file[bracket] === SPACE)) bracket++;
      if (file[bracket] === 91 /* [ */ && bracket < end) {
        let name = "";
        for (let i = bracket + 1; i < end && file[i] !== 93 /* ] */; i++) name += String.fromCharCode(file[i]!);
        let m = modules.get(name);
        if (m === undefined) {
          m = { at: [], hi: [], lo: [], from: [], to: [], base: -1n };
          modules.set(name, m);
        }
        // Mapping symbols ($x, .L...) are no symbols to the kernel (is_mapping_symbol()).
        if (file[start] !== 36 && !(file[start] === 46 && file[start + 1] === 76)) {
          m.at.push(m.at.length);
          m.hi.push(h);
          m.lo.push(l);
          m.from.push(start);
          m.to.push(stop);
        }
        if (type === 116 || type === 84 /* t, T */) {
          const address = (BigInt(h) << 32n) | BigInt(l);
          if (m.base < 0n || address < m.base) m.base = address;
        }
      } else {
        hi[core] = h;
        lo[core] = l;
        from[core] = start;
        to[core] = stop;
        core++;
      }
    }
    at = end + 1;
  }
  const sorted = sortGroup({ hi, lo, from, to, count: core });
  return {
    count,
    core: sorted,
    modules: [...modules]
      .filter(([, m]) => m.at.length > 0)
      .map(([name, m]) => {
        const group = sortGroup({
          hi: Uint32Array.from(m.hi),
          lo: Uint32Array.from(m.lo),
          from: Uint32Array.from(m.from),
          to: Uint32Array.from(m.to),
          count: m.at.length,
        });
        return { name, base: m.base < 0n ? addressAt(group, 0) : m.base, group };
      }),
  };
}

/** Sorted by address; equal addresses keep the file's order. The kernel's own part is sorted already. */
function sortGroup(g: Group): Group {
  let sorted = true;
  for (let i = 1; i < g.count && sorted; i++) {
    sorted = g.hi[i - 1]! < g.hi[i]! || (g.hi[i - 1] === g.hi[i] && g.lo[i - 1]! <= g.lo[i]!);
  }
  if (sorted) return g;
  const order = Uint32Array.from({ length: g.count }, (_, i) => i).sort(
    (a, b) => g.hi[a]! - g.hi[b]! || g.lo[a]! - g.lo[b]! || a - b,
  );
  const pick = (from: Uint32Array) => Uint32Array.from(order, (i) => from[i]!);
  return { hi: pick(g.hi), lo: pick(g.lo), from: pick(g.from), to: pick(g.to), count: g.count };
}
