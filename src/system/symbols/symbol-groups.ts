/** A symbol that an address lies in. */
export interface FoundSymbol {
  readonly name: string;
  readonly start: bigint;
  /** Where the next one begins; undefined behind the last. */
  readonly next: bigint | undefined;
}

/** Symbols by address: the kernel's own, or one module's. Of several at one address the first listed counts. */
export interface SymbolGroup {
  readonly empty: boolean;
  /** The lowest and the highest address; 0 when there is none. */
  readonly first: bigint;
  readonly last: bigint;
  /** The symbol that an address lies in. */
  at(address: bigint): FoundSymbol | undefined;
  /** The address of a symbol of each name, the first behind the one that was asked for before it, if there is one. */
  named(names: readonly string[]): Map<string, bigint>;
}

const NEWLINE = 10;
const SPACE = 32;
/** Lines looked at to see whether the kernel's own symbols are sorted, as /proc/kallsyms lists them. */
const SAMPLES = 64;

/** The kernel's own symbols as they stand in the file, sorted by address. Names and numbers are read when asked for. */
export class TextGroup implements SymbolGroup {
  /** Where the lines of modules begin. */
  readonly end: number;
  private readonly bytes: Buffer;
  private hi = 0;
  private lo = 0;

  constructor(private readonly file: Uint8Array) {
    this.bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
    let low = 0;
    let high = file.length;
    while (low < high) {
      const mid = this.lineOf((low + high) >> 1);
      const next = this.nextLine(mid);
      let at = mid;
      while (at < next && file[at] !== 91 /* [ */) at++;
      if (at < next) high = mid;
      else low = next;
    }
    this.end = low;
  }

  get empty(): boolean {
    return this.end === 0;
  }

  get first(): bigint {
    return this.empty ? 0n : this.addressAt(0);
  }

  get last(): bigint {
    return this.empty ? 0n : this.addressAt(this.lineOf(this.end - 1));
  }

  /** Whether the lines are what /proc/kallsyms shows, in its order: seen on samples. */
  sorted(): boolean {
    let hi = 0;
    let lo = 0;
    for (let i = 0; i <= SAMPLES; i++) {
      const at = Math.floor(((this.end - 1) * i) / SAMPLES);
      if (at < 0) return true;
      if (!this.read(this.lineOf(at)) || this.hi < hi || (this.hi === hi && this.lo < lo)) return false;
      hi = this.hi;
      lo = this.lo;
    }
    return true;
  }

  at(address: bigint): FoundSymbol | undefined {
    const hi = Number(address >> 32n);
    const lo = Number(address & 0xffffffffn);
    let low = 0;
    let high = this.end;
    while (low < high) {
      const mid = this.lineOf((low + high) >> 1);
      this.read(mid);
      if (this.hi < hi || (this.hi === hi && this.lo <= lo)) low = this.nextLine(mid);
      else high = mid;
    }
    if (low === 0) return undefined;
    const next = low < this.end ? this.addressAt(low) : undefined;
    let line = this.lineOf(low - 1);
    const start = this.addressAt(line);
    while (line > 0) {
      const before = this.lineOf(line - 1);
      if (this.addressAt(before) !== start) break;
      line = before;
    }
    return { name: this.nameAt(line), start, next };
  }

  named(names: readonly string[]): Map<string, bigint> {
    const out = new Map<string, bigint>();
    let from = 0;
    for (const name of names) {
      // Asked for in the order of their addresses, each lies behind the one before: one search through the file in all.
      const line = this.lineNamed(name, from) ?? (from > 0 ? this.lineNamed(name, 0) : undefined);
      if (line === undefined) continue;
      out.set(name, this.addressAt(line));
      from = line;
    }
    return out;
  }

  /** The first line of a name from a place on. */
  private lineNamed(name: string, from: number): number | undefined {
    const text = ` ${name}`;
    for (let at = from; ; at++) {
      at = this.bytes.indexOf(text, at, "latin1");
      if (at < 0 || at >= this.end) return undefined;
      const line = this.lineOf(at);
      if (this.read(line) && this.nameAt(line) === name) return line;
    }
  }

  private lineOf(at: number): number {
    let start = at;
    while (start > 0 && this.file[start - 1] !== NEWLINE) start--;
    return start;
  }

  private nextLine(at: number): number {
    const { file } = this;
    let end = at;
    while (end < file.length && file[end] !== NEWLINE) end++;
    return Math.min(end + 1, file.length);
  }

  private addressAt(line: number): bigint {
    this.read(line);
    return (BigInt(this.hi) << 32n) | BigInt(this.lo);
  }

  /** Reads the address of a line; false where it is no line of kallsyms. */
  private read(line: number): boolean {
    const { file } = this;
    let hi = 0;
    let lo = 0;
    let at = line;
    for (; at < line + 16; at++) {
      const digit = DIGIT[file[at] ?? 0]!;
      if (digit > 15) break;
      hi = (hi << 4) | (lo >>> 28);
      lo = (lo << 4) | digit;
    }
    this.hi = hi >>> 0;
    this.lo = lo >>> 0;
    return at > line && file[at] === SPACE && file[at + 2] === SPACE && (file[at + 3] ?? 0) > SPACE;
  }

  private nameAt(line: number): string {
    const { file } = this;
    const from = file.indexOf(SPACE, line) + 3;
    let to = from;
    while (to < file.length && file[to]! > SPACE) to++;
    return this.bytes.toString("latin1", from, to);
  }
}

/** Symbols by address: their addresses' halves, and where each name begins and ends in the file. */
interface SymbolArrays {
  readonly hi: Uint32Array;
  readonly lo: Uint32Array;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
}

/** Symbols in arrays, sorted by address. */
export class ArrayGroup implements SymbolGroup {
  private readonly hi: Uint32Array;
  private readonly lo: Uint32Array;
  private readonly from: Uint32Array;
  private readonly to: Uint32Array;
  readonly count: number;

  constructor(
    private readonly file: Uint8Array,
    { hi, lo, from, to }: SymbolArrays,
  ) {
    this.hi = hi;
    this.lo = lo;
    this.from = from;
    this.to = to;
    this.count = hi.length;
  }

  get empty(): boolean {
    return this.count === 0;
  }

  get first(): bigint {
    return this.empty ? 0n : this.addressAt(0);
  }

  get last(): bigint {
    return this.empty ? 0n : this.addressAt(this.count - 1);
  }

  at(address: bigint): FoundSymbol | undefined {
    const next = this.upTo(address);
    if (next === 0) return undefined;
    const i = this.firstOf(next - 1);
    return {
      name: this.nameAt(i),
      start: this.addressAt(i),
      next: next < this.count ? this.addressAt(next) : undefined,
    };
  }

  /** How many symbols lie at or below an address. */
  upTo(address: bigint): number {
    const hi = Number(address >> 32n);
    const lo = Number(address & 0xffffffffn);
    let low = 0;
    let high = this.count;
    while (low < high) {
      const mid = (low + high) >> 1;
      const h = this.hi[mid]!;
      if (h < hi || (h === hi && this.lo[mid]! <= lo)) low = mid + 1;
      else high = mid;
    }
    return low;
  }

  /** The first listed of the symbols at one address. */
  firstOf(i: number): number {
    let first = i;
    while (first > 0 && this.lo[first - 1] === this.lo[i] && this.hi[first - 1] === this.hi[i]) first--;
    return first;
  }

  named(names: readonly string[]): Map<string, bigint> {
    const out = new Map<string, bigint>();
    const wanted = new Set(names);
    const lengths = new Set(names.map(({ length }) => length));
    for (let i = 0; i < this.count && wanted.size > 0; i++) {
      if (!lengths.has(this.to[i]! - this.from[i]!)) continue;
      const name = this.nameAt(i);
      if (wanted.delete(name)) out.set(name, this.addressAt(i));
    }
    return out;
  }

  /** All symbols of this name. */
  indicesOf(name: string): number[] {
    const out: number[] = [];
    for (let i = 0; i < this.count; i++)
      if (this.to[i]! - this.from[i]! === name.length && this.nameAt(i) === name) out.push(i);
    return out;
  }

  addressAt(i: number): bigint {
    return (BigInt(this.hi[i]!) << 32n) | BigInt(this.lo[i]!);
  }

  nameAt(i: number): string {
    return textOf(this.file, this.from[i]!, this.to[i]!);
  }
}

export function textOf(file: Uint8Array, from: number, to: number): string {
  return Buffer.from(file.buffer, file.byteOffset + from, to - from).toString("latin1");
}

/** The value of each character that is a hex digit; 255 for others. */
export const DIGIT = Uint8Array.from({ length: 256 }, (_, c) => {
  const digit = Number.parseInt(String.fromCharCode(c), 16);
  return Number.isNaN(digit) ? 255 : digit;
});

/** Symbols as they are found, not sorted yet. */
export class Unsorted {
  private readonly hi: number[] = [];
  private readonly lo: number[] = [];
  private readonly from: number[] = [];
  private readonly to: number[] = [];

  constructor(private readonly file: Uint8Array) {}

  add(hi: number, lo: number, from: number, to: number): void {
    this.hi.push(hi >>> 0);
    this.lo.push(lo >>> 0);
    this.from.push(from);
    this.to.push(to);
  }

  /** The symbols by address; equal addresses keep the file's order. */
  order(): Uint32Array {
    const { hi, lo } = this;
    const order = Uint32Array.from(hi, (_, i) => i);
    for (let i = 1; i < hi.length; i++)
      if (hi[i - 1]! > hi[i]! || (hi[i - 1] === hi[i] && lo[i - 1]! > lo[i]!))
        return order.sort((a, b) => hi[a]! - hi[b]! || lo[a]! - lo[b]! || a - b);
    return order;
  }

  group(order: Uint32Array): ArrayGroup {
    const pick = (each: readonly number[]) => Uint32Array.from(order, (i) => each[i]!);
    const { hi, lo, from, to } = this;
    return new ArrayGroup(this.file, { hi: pick(hi), lo: pick(lo), from: pick(from), to: pick(to) });
  }
}
