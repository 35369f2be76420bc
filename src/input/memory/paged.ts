import { DUMP_CACHE_BYTES } from "../../ground/limits.js";
import type { MemoryFormat, MemoryPiece, MemoryRange, PhysicalMemory } from "./physical.js";
import { rangeAt } from "./physical.js";

/** Bytes that a scan is handed at once, at most. */
const PIECE = 1024 * 1024;

/**
 * Memory whose units (pages, or blocks) are unpacked one by one. Those used last are kept, so that one that several
 * readers share is unpacked once.
 */
export abstract class PagedMemory implements PhysicalMemory {
  abstract readonly name: string;
  abstract readonly format: MemoryFormat;
  abstract readonly ranges: readonly MemoryRange[];
  abstract readonly size: number;
  abstract vmcoreinfo: string | undefined;
  abstract readonly notes: readonly string[];
  readonly packed = true;
  private readonly units = new Map<number, Uint8Array | undefined>();

  constructor(private readonly unitSize: number) {}

  /** The bytes of a unit; undefined where the dump does not have it. */
  protected abstract unpackUnit(number: number): Uint8Array | undefined;
  /** The first unit from `number` on that the dump has; undefined where none follows. */
  protected abstract nextUnit(number: number): number | undefined;
  abstract close(): void;

  read(address: number, length: number): Uint8Array {
    const { unitSize } = this;
    const end = address + length;
    const first = this.unit(Math.floor(address / unitSize));
    const within = address % unitSize;
    if (first === undefined || length <= 0) return new Uint8Array(0);
    if (within + length <= unitSize) return first.subarray(within, within + length);
    const bytes = new Uint8Array(Math.min(length, this.bytesUpTo(address, end)));
    for (let at = address; at < end; ) {
      const unit = this.unit(Math.floor(at / unitSize));
      if (unit === undefined) return bytes.subarray(0, at - address);
      const piece = unit.subarray(at % unitSize, Math.min(unitSize, (at % unitSize) + end - at));
      bytes.set(piece, at - address);
      at += piece.length;
      if (piece.length < unitSize && at < end && at % unitSize !== 0) return bytes.subarray(0, at - address);
    }
    return bytes;
  }

  readInto(bytes: Uint8Array, address: number): number {
    const there = this.read(address, bytes.length);
    bytes.set(there);
    return there.length;
  }

  /** What ranges have from `address` on: no more is allocated, whatever is asked for. */
  private bytesUpTo(address: number, end: number): number {
    let at = address;
    for (let i = rangeAt(this.ranges, address); at < end; i++) {
      const range = this.ranges[i];
      if (range === undefined || range.start > at) break;
      at = range.end;
    }
    return at - address;
  }

  gaps(start: number, end: number): MemoryRange[] {
    const { unitSize } = this;
    const gaps: MemoryRange[] = [];
    for (let at = start; at < end; ) {
      const next = this.nextUnit(Math.floor(at / unitSize));
      const there = next === undefined ? end : Math.min(end, next * unitSize);
      if (there > at) gaps.push({ start: at, end: there });
      at = there > at ? there : (Math.floor(at / unitSize) + 1) * unitSize;
    }
    return gaps;
  }

  *pieces(address = 0): Generator<MemoryPiece> {
    const { unitSize } = this;
    let room = new Uint8Array(Math.max(PIECE, unitSize));
    let filled = 0;
    let start = 0;
    for (let number = this.nextUnit(Math.floor(address / unitSize)); number !== undefined; ) {
      // Not through the cache: a scan would only push out what it holds.
      const unit = this.unpackUnit(number);
      const at = number * unitSize;
      if (unit !== undefined) {
        if (filled > 0 && (start + filled !== at || filled + unit.length > room.length)) {
          yield { address: start, bytes: room.subarray(0, filled) };
          filled = 0;
        }
        if (filled === 0) start = at;
        if (unit.length > room.length) room = new Uint8Array(unit.length);
        room.set(unit, filled);
        filled += unit.length;
      }
      number = this.nextUnit(number + 1);
    }
    if (filled > 0) yield { address: start, bytes: room.subarray(0, filled) };
  }

  private unit(number: number): Uint8Array | undefined {
    const known = this.units.get(number);
    if (known !== undefined || this.units.has(number)) {
      this.units.delete(number);
      this.units.set(number, known);
      return known;
    }
    const unit = this.unpackUnit(number);
    if (this.units.size * this.unitSize >= DUMP_CACHE_BYTES) this.units.delete(this.units.keys().next().value!);
    this.units.set(number, unit);
    return unit;
  }
}
