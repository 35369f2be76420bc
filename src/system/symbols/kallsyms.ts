import { ModuleRegions } from "./module-regions.js";
import { movedKallsyms } from "./moved-kallsyms.js";
import { type ParsedKallsyms, parseKallsyms } from "./parse-kallsyms.js";
import type { SymbolStyle } from "./style.js";
import { SymbolFile } from "./symbol-file.js";

/** A symbol that an address lies in, as sprint_symbol() tells it. */
export interface SymbolHit {
  readonly name: string;
  readonly offset: bigint;
  readonly size: bigint;
  readonly module: string | undefined;
  /** It lies where no code is. */
  readonly data: boolean;
}

/** Where the writing boot had things, against the boot that kallsyms was taken from. */
export interface Relocation {
  /** Address of `_text` in the writing boot (the scratch's text_addr). */
  readonly text?: bigint | undefined;
  /** Text address of each module in the writing boot (the scratch's module entries). */
  readonly modules?: readonly { readonly name: string; readonly address: bigint }[];
  readonly pageSize?: number;
}

const PAGE = 4096n;
const TWO_32 = 1n << 32n;
const MAX_CACHE = 65536;

interface Range {
  readonly first: bigint;
  readonly end: bigint;
  /** Where the last symbol ends, if that is not the end. */
  readonly symbolsEnd?: bigint;
}

/** arm's page of vectors, where user space finds its helpers (in_gate_area(), arch/arm/kernel/process.c). */
const ARM_VECTORS = { first: 0xffff0000n, end: 0xffff1000n, sign: "vector_swi" };

/**
 * /proc/kallsyms of the writing kernel's build. Parsed once, when something is first asked of it, into sorted arrays; names are
 * decoded when they are asked for.
 * kernel/kallsyms.c: of several symbols at one address the first listed counts, and a symbol reaches to the next
 * higher address. Modules: see ModuleRegions.
 */
export class Kallsyms {
  private readonly file: SymbolFile;
  private read: ParsedKallsyms | undefined;
  /** Where the kernel itself lies: searched for when somebody asks, as its end is the end of the file. */
  private known: readonly Range[] | undefined;
  private texts: readonly Range[] | undefined;
  private named: ReadonlyMap<string, bigint> | undefined;
  private to: Relocation = {};
  private regions: ModuleRegions | undefined;
  private delta: bigint | undefined;
  private readonly caches: Record<SymbolStyle, Map<number, Map<number, string>>> = {
    S: new Map(),
    s: new Map(),
    B: new Map(),
  };

  /**
   * @param file kallsyms, not compressed
   * @param regionEnds where regions of modules end, as far as their files are known; sorted
   */
  constructor(
    file: SymbolFile | Uint8Array,
    private readonly regionEnds: readonly bigint[] = [],
  ) {
    this.file = file instanceof SymbolFile ? file : SymbolFile.of(file);
  }

  private get parsed(): ParsedKallsyms {
    this.read ??= parseKallsyms(this.file.bytes);
    return this.read;
  }

  /**
   * `_text` in the boot that the file was taken from. arm's kallsyms begins at _stext, megabytes behind it: there is
   * nothing to reckon with then, and no KASLR either.
   */
  get textAddress(): bigint | undefined {
    return this.find(["_text"]).get("_text");
  }

  /** True when every address is 0: kptr_restrict hid them. */
  get hidden(): boolean {
    return this.file.shown && this.parsed.hasSymbols && this.parsed.core.last === 0n;
  }

  /** By how much the kernel's text moved between the file's boot and the writing boot. */
  get textDelta(): bigint {
    this.delta ??= this.movedBy();
    return this.delta;
  }

  private movedBy(): bigint {
    const text = this.to.text === undefined ? undefined : this.textAddress;
    return this.to.text === undefined || text === undefined ? 0n : this.to.text - text;
  }

  /** Says where the writing boot had the kernel and its modules. */
  relocate(to: Relocation): void {
    this.to = to;
    this.delta = undefined;
    this.regions = undefined;
    for (const c of Object.values(this.caches)) c.clear();
  }

  /** An address of the writing boot as an address of the boot that the file was taken from. */
  unrelocate(address: bigint): bigint {
    const core = address - this.textDelta;
    if (this.rangeOf(core) !== undefined) return core;
    return address - (this.inModule(address)?.delta ?? 0n);
  }

  /** The other way round; undefined where the writing boot's place of it is not known. */
  relocated(address: bigint): bigint | undefined {
    if (this.rangeOf(address) !== undefined) return BigInt.asUintN(64, address + this.textDelta);
    return this.moduleRegions().moved(address);
  }

  /** The file as the writing boot would have shown it, without what is not known of its modules. */
  inWritingBoot(): Uint8Array {
    const regions = this.moduleRegions();
    if (this.textDelta === 0n && regions.unmoved) return this.file.bytes;
    return movedKallsyms(this.file.bytes, regions, this.textDelta);
  }

  /** The symbol that an address of the writing boot lies in. */
  lookup(address: bigint): SymbolHit | undefined {
    const core = BigInt.asUintN(64, address - this.textDelta);
    const range = this.rangeOf(core);
    if (range !== undefined) {
      const found = this.parsed.core.at(core);
      if (found === undefined) return undefined;
      const { name, start, next } = found;
      return {
        name,
        offset: core - start,
        size: (next ?? range.symbolsEnd ?? range.end) - start,
        module: undefined,
        data: this.isData(core),
      };
    }
    const found = this.inModule(address);
    if (found === undefined) return undefined;
    const { name, start, next, module, text } = found;
    return { name, offset: address - start, size: next - start, module, data: !text };
  }

  /** Whether an address of the writing boot lies in the kernel itself. */
  inKernel(address: bigint): boolean {
    return this.rangeOf(BigInt.asUintN(64, address - this.textDelta)) !== undefined;
  }

  /** Whether it lies in the text of a module. */
  inModuleText(address: bigint): boolean {
    return !this.inKernel(address) && this.inModule(address)?.text === true;
  }

  /** The module in whose memory an address of the writing boot lies, behind a symbol or not. */
  moduleAt(address: bigint): string | undefined {
    return this.inKernel(address) ? undefined : this.moduleRegions().moduleAt(address);
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
    return this.parsed.core.named(names);
  }

  /** Who has a symbol of this name: modules, and undefined for the kernel itself. */
  ownersOf(name: string): (string | undefined)[] {
    const own = this.find([name]).size > 0 ? [undefined] : [];
    return [...own, ...this.parsed.modules().ownersOf(name)];
  }

  /** Whether an address in the kernel is in neither of its texts. */
  private isData(core: bigint): boolean {
    this.texts ??= this.textRanges();
    return this.texts.length > 0 && !this.texts.some(({ first, end }) => core >= first && core < end);
  }

  /** Where the kernel and its texts begin and end. */
  private get borders(): ReadonlyMap<string, bigint> {
    this.named ??= this.find(["_stext", "_etext", "_sinittext", "_einittext", "_end"]);
    return this.named;
  }

  private textRanges(): Range[] {
    const named = this.borders;
    const range = (from: string, to: string): Range[] => {
      const [first, end] = [named.get(from), named.get(to)];
      return first === undefined || end === undefined ? [] : [{ first, end }];
    };
    return range("_stext", "_etext").length === 0
      ? []
      : [...range("_stext", "_etext"), ...range("_sinittext", "_einittext")];
  }

  private get ranges(): readonly Range[] {
    this.known ??= this.kernelRanges();
    return this.known;
  }

  private kernelRanges(): Range[] {
    const { core } = this.parsed;
    const named = this.borders;
    const first = named.get("_stext") ?? core.first;
    const end = named.get("_end");
    const etext = named.get("_etext");
    // is_ksym_addr(): with CONFIG_KALLSYMS_ALL, which lists _end, the whole kernel; else its text alone.
    if (end !== undefined || etext === undefined) return [{ first, end: end ?? (core.empty ? 0n : core.last + PAGE) }];
    return [
      { first, end: etext },
      { first: named.get("_sinittext") ?? etext, end: named.get("_einittext") ?? etext },
      // is_kernel_text() takes that page for text. The last symbol is found there, and taken to end with the text, before it.
      ...(first < TWO_32 && this.find([ARM_VECTORS.sign]).size > 0
        ? [{ ...ARM_VECTORS, symbolsEnd: etext + TWO_32 }]
        : []),
    ];
  }

  private rangeOf(core: bigint): Range | undefined {
    for (const range of this.ranges) if (core >= range.first && core < range.end) return range;
    return undefined;
  }

  private inModule(address: bigint): ReturnType<ModuleRegions["at"]> {
    return this.moduleRegions().at(address);
  }

  private moduleRegions(): ModuleRegions {
    const { modules, pageSize } = this.to;
    this.regions ??= new ModuleRegions(
      this.parsed.modules(),
      pageSize === undefined ? PAGE : BigInt(pageSize),
      modules ?? [],
      this.regionEnds,
    );
    return this.regions;
  }
}

/** "%#lx": 0 has no prefix... in C; the kernel's number() prints "0x0". */
function alternate(v: bigint): string {
  return `0x${v.toString(16)}`;
}
