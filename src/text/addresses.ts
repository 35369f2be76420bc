import type { SymbolHit } from "../system/symbols/kallsyms.js";
import { isKretprobeTrampoline, KRETPROBED } from "../system/symbols/kretprobed.js";

/** Finds the symbol that an address of the writing boot lies in. */
export type SymbolLookup = (address: bigint) => SymbolHit | undefined;

/** Addresses that are remembered: hostile data may hold any number of them. */
const MOST = 131_072;

/** Two halves of an address, read without a bigint, to text. Remembers what it was asked: traces repeat themselves. */
class AddressCache {
  private readonly byHi = new Map<number, Map<number, string>>();
  private size = 0;
  private hi = -1;
  private last: Map<number, string> | undefined;

  constructor(private readonly make: (address: bigint) => string) {}

  text(hi: number, lo: number): string {
    let byLo = hi === this.hi ? this.last : this.byHi.get(hi);
    let text = byLo?.get(lo);
    if (byLo === undefined || text === undefined) {
      text = this.make((BigInt(hi) << 32n) | BigInt(lo));
      byLo = this.add(hi, lo, text);
    }
    this.hi = hi;
    this.last = byLo;
    return text;
  }

  private add(hi: number, lo: number, text: string): Map<number, string> {
    if (this.size === MOST) {
      this.byHi.clear();
      this.size = 0;
    }
    this.size++;
    let byLo = this.byHi.get(hi);
    if (byLo === undefined) {
      byLo = new Map();
      this.byHi.set(hi, byLo);
    }
    return byLo.set(lo, text);
  }
}

/** What the kernel prints for an address. */
export class AddressText {
  private readonly plainCache: AddressCache;
  private readonly namedCache: AddressCache;

  /**
   * @param lookup finds symbols in the boot that prints
   * @param adjust an address of the writing boot in the boot that prints; the same without it
   * @param options sym-offset and sym-addr
   */
  constructor(
    private readonly lookup: SymbolLookup,
    private readonly adjust?: (address: bigint) => bigint,
    private readonly options: { readonly symOffset: boolean; readonly symAddr: boolean; readonly digits: number } = {
      symOffset: false,
      symAddr: false,
      digits: 16,
    },
  ) {
    this.plainCache = new AddressCache((address) => this.plain(address));
    this.namedCache = new AddressCache((address) => this.named(address));
  }

  /** seq_print_ip_sym(): the name alone, `0` for no address, the number where there is no name. */
  ip(hi: number, lo: number): string {
    return this.plainCache.text(hi, lo);
  }

  /** %ps: the name, and the module it is of. */
  ps(hi: number, lo: number): string {
    return this.namedCache.text(hi, lo);
  }

  /** lookup_symbol_name() */
  name(hi: number, lo: number): string | undefined {
    return this.hit(hi, lo)?.name;
  }

  /** The same, but none in data. */
  functionName(hi: number, lo: number): string | undefined {
    const hit = this.hit(hi, lo);
    return hit?.data ? undefined : hit?.name;
  }

  private hit(hi: number, lo: number): SymbolHit | undefined {
    const stored = (BigInt(hi) << 32n) | BigInt(lo);
    return this.lookup(this.adjust?.(stored) ?? stored);
  }

  private plain(stored: bigint): string {
    const address = this.adjust?.(stored) ?? stored;
    if (address === 0n) return "0";
    const { symOffset, symAddr, digits } = this.options;
    const hit = this.lookup(address);
    const retprobed = hit !== undefined && isKretprobeTrampoline(hit.name, hit.offset);
    const name = retprobed ? KRETPROBED : symOffset ? withOffset(address, hit) : hit?.name;
    const text = name ?? `0x${address.toString(16).padStart(8, "0")}`;
    return symAddr ? `${text} <${address.toString(16).padStart(digits, "0")}>` : text;
  }

  private named(stored: bigint): string {
    const address = this.adjust?.(stored) ?? stored;
    const hit = this.lookup(address);
    if (hit === undefined) return `0x${address.toString(16)}`;
    return hit.module === undefined ? hit.name : `${hit.name} [${hit.module}]`;
  }
}

/** sprint_symbol() */
function withOffset(address: bigint, hit: SymbolHit | undefined): string {
  if (hit === undefined) return `0x${address.toString(16)}`;
  const module = hit.module === undefined ? "" : ` [${hit.module}]`;
  return `${hit.name}+0x${hit.offset.toString(16)}/0x${hit.size.toString(16)}${module}`;
}
