import type { Abi } from "../../ground/abi.js";
import { MAX_KERNEL_TEXT, MAX_KERNEL_TEXTS } from "../../ground/limits.js";
import { KernelImageError } from "./errors.js";

/** A stretch of the kernel's address space and where its bytes lie in the file. */
export interface Segment {
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
}

interface Window {
  readonly hi: number;
  readonly lo: number;
  readonly offset: number;
  readonly size: number;
}

/**
 * A kernel's memory as its file holds it. Everything is told by **place**, the position in the file: a pointer is
 * followed from place to place, and becomes an address only where somebody asks for one.
 */
export class KernelMemory {
  readonly view: DataView;
  /** Bytes in a word, the kernel's `long`. */
  readonly word: 4 | 8;
  private readonly windows: readonly Window[];
  private readonly buffer: Buffer;
  private textsLeft = MAX_KERNEL_TEXTS;

  constructor(
    readonly bytes: Uint8Array,
    readonly abi: Abi,
    readonly segments: readonly Segment[],
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.word = abi.longSize;
    this.windows = segments.map(({ address, offset, size }) => ({
      hi: Number(address >> 32n),
      lo: Number(address & 0xffffffffn),
      offset,
      size,
    }));
  }

  /** The place of an address given in halves; -1 when the file has it not. */
  placeOfHalves(hi: number, lo: number): number {
    for (const w of this.windows) {
      const delta = (hi - w.hi) * 0x100000000 + (lo - w.lo);
      if (delta >= 0 && delta < w.size) return w.offset + delta;
    }
    return -1;
  }

  placeOf(address: bigint): number {
    return this.placeOfHalves(Number(BigInt.asUintN(64, address) >> 32n), Number(address & 0xffffffffn));
  }

  /** The address of a place; undefined when it lies in no segment. */
  addressOf(place: number): bigint | undefined {
    const segment = this.segments.find(({ offset, size }) => place >= offset && place < offset + size);
    return segment && segment.address + BigInt(place - segment.offset);
  }

  /** Whether `size` bytes lie at a place. */
  has(place: number, size: number): boolean {
    return place >= 0 && place + size <= this.bytes.length;
  }

  /** The place that the pointer at `place` leads to; -1 for NULL and for what leads nowhere. */
  pointer(place: number): number {
    if (!this.has(place, this.word)) return -1;
    const { littleEndian } = this.abi;
    if (this.word === 4) return this.placeOfHalves(0, this.view.getUint32(place, littleEndian));
    const first = this.view.getUint32(place, littleEndian);
    const second = this.view.getUint32(place + 4, littleEndian);
    return littleEndian ? this.placeOfHalves(second, first) : this.placeOfHalves(first, second);
  }

  /** The word at a place, unsigned; 0 where there is none. */
  long(place: number): bigint {
    if (!this.has(place, this.word)) return 0n;
    const { littleEndian } = this.abi;
    return this.word === 8
      ? this.view.getBigUint64(place, littleEndian)
      : BigInt(this.view.getUint32(place, littleEndian));
  }

  u32(place: number): number {
    return this.has(place, 4) ? this.view.getUint32(place, this.abi.littleEndian) : 0;
  }

  i32(place: number): number {
    return this.u32(place) | 0;
  }

  /** Where the text at a place ends (its NUL); -1 when there is none, or it is longer than texts are. */
  textEnd(place: number): number {
    if (place < 0 || place >= this.bytes.length) return -1;
    const end = this.bytes.indexOf(0, place);
    return end < 0 || end - place > MAX_KERNEL_TEXT ? -1 : end;
  }

  /** The text at a place, one character a byte. */
  text(place: number): string | undefined {
    const end = this.textEnd(place);
    if (end < 0) return undefined;
    // The same bytes can be pointed at again and again.
    this.textsLeft -= end - place;
    if (this.textsLeft < 0) throw new KernelImageError("its events have more text than a kernel has");
    return this.latin1(place, end);
  }

  /** What lies between two places, one character a byte. */
  latin1(place: number, end: number): string {
    return this.buffer.toString("latin1", place, end);
  }

  /** Places of a pattern of bytes, from the beginning. */
  *find(pattern: string | Uint8Array, from = 0): Generator<number> {
    for (
      let at = this.buffer.indexOf(pattern, from, "latin1");
      at >= 0;
      at = this.buffer.indexOf(pattern, at + 1, "latin1")
    )
      yield at;
  }
}
