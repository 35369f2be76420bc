import { MAX_KALLSYMS } from "../../ground/limits.js";
import { KernelImageError } from "./errors.js";
import type { KallsymsTables } from "./kallsyms-tables.js";
import type { KernelMemory } from "./memory.js";

const NEWLINE = 10;
const SPACE = 32;
const HEX = new TextEncoder().encode("0123456789abcdef");

/** A kernel's own symbols, sorted by address, as text like /proc/kallsyms of a boot that KASLR did not move. */
export class ImageSymbols {
  readonly count: number;
  /** Lines `address type name`. */
  readonly file: Uint8Array;
  private readonly lines: Uint32Array;
  private readonly hi: Uint32Array;
  private readonly lo: Uint32Array;
  private readonly buffer: Buffer;
  private readonly nameAt: number;

  constructor(
    tables: KallsymsTables,
    private readonly memory: KernelMemory,
  ) {
    const { count } = tables;
    this.count = count;
    this.hi = new Uint32Array(count);
    this.lo = new Uint32Array(count);
    this.readAddresses(tables);
    this.lines = new Uint32Array(count + 1);
    // The address, a space, the type, a space.
    this.nameAt = memory.word * 2 + 3;
    this.file = this.write(tables);
    this.buffer = Buffer.from(this.file.buffer, this.file.byteOffset, this.file.length);
  }

  /** The same symbols, in another piece of the kernel's memory. */
  within(memory: KernelMemory): ImageSymbols {
    return Object.assign(Object.create(ImageSymbols.prototype), this, { memory });
  }

  private readAddresses({ count, offsets, meaning }: KallsymsTables): void {
    const { memory, hi, lo } = this;
    const self = meaning.kind === "self" ? memory.addressOf(offsets) : 0n;
    if (self === undefined) throw new KernelImageError("its symbols lie outside its memory");
    const base = meaning.kind === "self" ? self : meaning.kind === "absolute" ? 0n : meaning.base;
    const baseHi = Number(base >> 32n);
    const baseLo = Number(base & 0xffffffffn);
    const wide = memory.word === 8;
    for (let i = 0; i < count; i++) {
      const value = memory.u32(offsets + 4 * i);
      const signed = value | 0;
      if (meaning.kind === "absolute" || (meaning.kind === "absolute-percpu" && signed >= 0)) {
        lo[i] = value;
        continue;
      }
      const delta = meaning.kind === "base" ? value : meaning.kind === "self" ? signed + 4 * i : -1 - signed;
      const sum = baseLo + delta;
      lo[i] = sum;
      if (wide) hi[i] = baseHi + Math.floor(sum / 0x100000000);
    }
  }

  private write(tables: KallsymsTables): Uint8Array {
    const { memory, lines, hi, lo, nameAt } = this;
    const { bytes, word } = memory;
    const { tokenStart, tokenLength } = tables;
    let size = 0;
    for (let i = 0, at = tables.names; i < tables.count; i++) {
      let length = bytes[at++]!;
      if (length & 0x80) length = (length & 0x7f) | (bytes[at++]! << 7);
      // The first letter of the text is the type; it stands before its own space.
      let text = 0;
      for (const end = at + length; at < end; at++) text += tokenLength[bytes[at]!]!;
      lines[i] = size;
      size += nameAt + text;
    }
    lines[tables.count] = size;
    if (size > MAX_KALLSYMS) throw new KernelImageError(`its symbols would take ${size} bytes`);
    const out = new Uint8Array(size);
    for (let i = 0, at = tables.names; i < tables.count; i++) {
      let to = lines[i]!;
      if (word === 8) to = writeHex(out, to, hi[i]!);
      to = writeHex(out, to, lo[i]!);
      out[to++] = SPACE;
      const type = to++;
      out[to++] = SPACE;
      let length = bytes[at++]!;
      if (length & 0x80) length = (length & 0x7f) | (bytes[at++]! << 7);
      let first = true;
      for (const end = at + length; at < end; at++) {
        const token = bytes[at]!;
        let from = tokenStart[token]!;
        const tokenEnd = from + tokenLength[token]!;
        if (first && from < tokenEnd) {
          out[type] = bytes[from++]!;
          first = false;
        }
        while (from < tokenEnd) out[to++] = bytes[from++]!;
      }
      out[to] = NEWLINE;
    }
    return out;
  }

  name(index: number): string {
    return this.buffer.toString("latin1", this.lines[index]! + this.nameAt, this.lines[index + 1]! - 1);
  }

  address(index: number): bigint {
    return (BigInt(this.hi[index]!) << 32n) | BigInt(this.lo[index]!);
  }

  /** The place of the first symbol of this name; -1 without one. */
  place(name: string): number {
    const index = this.indexOf(name);
    return index < 0 ? -1 : this.memory.placeOfHalves(this.hi[index]!, this.lo[index]!);
  }

  indexOf(name: string): number {
    const at = this.buffer.indexOf(` ${name}\n`, 0, "latin1");
    if (at < 0) return -1;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (this.lines[mid]! <= at) low = mid + 1;
      else high = mid;
    }
    return low - 1;
  }

  addressOf(name: string): bigint | undefined {
    const index = this.indexOf(name);
    return index < 0 ? undefined : this.address(index);
  }

  /** The first symbol at exactly this address, in the table's order; -1 without one. */
  firstAt(address: bigint): number {
    const hi = Number(address >> 32n);
    const lo = Number(address & 0xffffffffn);
    let low = 0;
    let high = this.count;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (this.hi[mid]! < hi || (this.hi[mid] === hi && this.lo[mid]! < lo)) low = mid + 1;
      else high = mid;
    }
    return low < this.count && this.hi[low] === hi && this.lo[low] === lo ? low : -1;
  }

  /** The address of the first symbol above this one. */
  nextAddress(address: bigint): bigint | undefined {
    const after = this.firstNotBelow(address + 1n);
    return after < this.count ? this.address(after) : undefined;
  }

  private firstNotBelow(address: bigint): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (this.address(mid) < address) low = mid + 1;
      else high = mid;
    }
    return low;
  }
}

function writeHex(out: Uint8Array, at: number, value: number): number {
  for (let shift = 28; shift >= 0; shift -= 4) out[at++] = HEX[(value >>> shift) & 15]!;
  return at;
}
