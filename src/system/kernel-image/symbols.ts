import { MAX_KALLSYMS } from "../../ground/limits.js";
import { KernelImageError } from "./errors.js";
import type { KallsymsTables } from "./kallsyms-tables.js";
import type { KernelMemory } from "./memory.js";

const NEWLINE = 10;
const SPACE = 32;
const HEX = new TextEncoder().encode("0123456789abcdef");
const TWO_TO_32 = 0x100000000;

/** A kernel's own symbols, sorted by address. They are looked up where they lie: their text is written for who wants it. */
export class ImageSymbols {
  readonly count: number;
  private readonly bytes: Uint8Array;
  private readonly baseHi: number;
  private readonly baseLo: number;

  /**
   * @param around the piece of the kernel's memory that the tables lie in
   * @param memory the piece that its symbols' places are told of
   */
  constructor(
    private readonly tables: KallsymsTables,
    private readonly around: KernelMemory,
    private readonly memory = around,
  ) {
    const { count, offsets, meaning } = tables;
    this.count = count;
    this.bytes = around.bytes;
    const self = meaning.kind === "self" ? around.addressOf(offsets) : 0n;
    if (self === undefined) throw new KernelImageError("its symbols lie outside its memory");
    const base = meaning.kind === "self" ? self : meaning.kind === "absolute" ? 0n : meaning.base;
    this.baseHi = Number(base >> 32n);
    this.baseLo = Number(base & 0xffffffffn);
  }

  /** The same symbols, in another piece of the kernel's memory. */
  within(memory: KernelMemory): ImageSymbols {
    return new ImageSymbols(this.tables, this.around, memory);
  }

  /** The lower half of a symbol's address, and by how much it is beyond that of the base. */
  private fromBase(index: number): number {
    const { around, baseLo } = this;
    const { offsets, meaning } = this.tables;
    const value = around.u32(offsets + 4 * index);
    switch (meaning.kind) {
      case "base":
        return baseLo + value;
      case "self":
        return baseLo + (value | 0) + 4 * index;
      case "absolute-percpu":
        return baseLo - 1 - (value | 0);
      case "absolute":
        return value;
    }
  }

  /** Whether what stands in the table is the address itself. */
  private isAbsolute(index: number): boolean {
    const { offsets, meaning } = this.tables;
    return (
      meaning.kind === "absolute" ||
      (meaning.kind === "absolute-percpu" && (this.around.u32(offsets + 4 * index) | 0) >= 0)
    );
  }

  private lo(index: number): number {
    if (this.isAbsolute(index)) return this.around.u32(this.tables.offsets + 4 * index);
    return this.fromBase(index) >>> 0;
  }

  private hi(index: number): number {
    if (this.around.word === 4 || this.isAbsolute(index)) return 0;
    return (this.baseHi + Math.floor(this.fromBase(index) / TWO_TO_32)) >>> 0;
  }

  /** Lines `address type name`, like /proc/kallsyms of a boot that KASLR did not move. */
  text(): Uint8Array {
    const { bytes, count, around } = this;
    const { starts, tokenStart, tokenLength } = this.tables;
    // The address, a space, the type, a space; the first letter of the text is the type, and a newline stands behind it.
    const head = around.word * 2 + 3;
    let size = 0;
    for (let i = 0; i < count; i++) {
      size += head;
      for (let at = this.tokensOf(i), end = starts[i + 1]!; at < end; at++) size += tokenLength[bytes[at]!]!;
    }
    if (size > MAX_KALLSYMS) throw new KernelImageError(`its symbols would take ${size} bytes`);
    const out = new Uint8Array(size);
    let to = 0;
    for (let i = 0; i < count; i++) {
      if (around.word === 8) to = writeHex(out, to, this.hi(i));
      to = writeHex(out, to, this.lo(i));
      out[to++] = SPACE;
      const type = to++;
      out[to++] = SPACE;
      let first = true;
      for (let at = this.tokensOf(i), end = starts[i + 1]!; at < end; at++) {
        const token = bytes[at]!;
        let from = tokenStart[token]!;
        const tokenEnd = from + tokenLength[token]!;
        if (first && from < tokenEnd) {
          out[type] = bytes[from++]!;
          first = false;
        }
        while (from < tokenEnd) out[to++] = bytes[from++]!;
      }
      out[to++] = NEWLINE;
    }
    return out;
  }

  /** Where the tokens of a name begin, behind their number. */
  private tokensOf(index: number): number {
    const at = this.tables.starts[index]!;
    return (this.bytes[at]! & 0x80) === 0 ? at + 1 : at + 2;
  }

  /** One character a byte. */
  name(index: number): string {
    const { bytes } = this;
    const { starts, tokenStart, tokenLength } = this.tables;
    const from = this.tokensOf(index);
    const end = starts[index + 1]!;
    let size = 0;
    for (let at = from; at < end; at++) size += tokenLength[bytes[at]!]!;
    const text = Buffer.allocUnsafe(size);
    for (let at = from, to = 0; at < end; at++) {
      let next = tokenStart[bytes[at]!]!;
      for (const stop = next + tokenLength[bytes[at]!]!; next < stop; ) text[to++] = bytes[next++]!;
    }
    return text.toString("latin1", 1);
  }

  address(index: number): bigint {
    return (BigInt(this.hi(index)) << 32n) | BigInt(this.lo(index));
  }

  /** The place of the first symbol of this name; -1 without one. */
  place(name: string): number {
    const index = this.indexOf(name);
    return index < 0 ? -1 : this.memory.placeOfHalves(this.hi(index), this.lo(index));
  }

  indexOf(name: string): number {
    const wanted = Buffer.from(name, "latin1");
    for (let i = 0; i < this.count; i++) if (this.isNamed(i, wanted)) return i;
    return -1;
  }

  private isNamed(index: number, wanted: Uint8Array): boolean {
    const { bytes } = this;
    const { starts, tokenStart, tokenLength } = this.tables;
    // The first letter is the type.
    let seen = -1;
    for (let at = this.tokensOf(index), end = starts[index + 1]!; at < end; at++) {
      const token = bytes[at]!;
      let from = tokenStart[token]!;
      for (const stop = from + tokenLength[token]!; from < stop; from++, seen++)
        if (seen >= 0 && bytes[from] !== wanted[seen]) return false;
    }
    return seen === wanted.length;
  }

  addressOf(name: string): bigint | undefined {
    const index = this.indexOf(name);
    return index < 0 ? undefined : this.address(index);
  }

  /** The first symbol at exactly this address, in the table's order; -1 without one. */
  firstAt(address: bigint): number {
    const index = this.firstNotBelow(address);
    return index < this.count && this.address(index) === address ? index : -1;
  }

  /** The address of the first symbol above this one. */
  nextAddress(address: bigint): bigint | undefined {
    const after = this.firstNotBelow(address + 1n);
    return after < this.count ? this.address(after) : undefined;
  }

  private firstNotBelow(address: bigint): number {
    const hi = Number(address >> 32n);
    const lo = Number(address & 0xffffffffn);
    let low = 0;
    let high = this.count;
    while (low < high) {
      const mid = (low + high) >> 1;
      const midHi = this.hi(mid);
      if (midHi < hi || (midHi === hi && this.lo(mid) < lo)) low = mid + 1;
      else high = mid;
    }
    return low;
  }
}

function writeHex(out: Uint8Array, at: number, value: number): number {
  for (let shift = 28; shift >= 0; shift -= 4) out[at++] = HEX[(value >>> shift) & 15]!;
  return at;
}
