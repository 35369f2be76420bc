import { copyOf, type Source } from "./source.js";
import { Window } from "./window.js";
import { LINE, WrittenLines } from "./written-lines.js";

/** Bytes that have one state: what of them was written, if anything. */
const PAGE = 4096;
const LINES = PAGE / LINE;

/** Bytes of the source that words are taken from, and how many such stretches are held: metas and sub-buffers' headers alternate. */
const STRETCH = 16 * 1024;
const STRETCHES = 32;
/** Bytes that are read at once where sub-buffers are gone through in order. */
const AHEAD = 256 * 1024;
/** Bytes a piece that all of it is written out in. */
const PIECE = 1024 * 1024;

/** States of a page, as bits. */
const ZEROED = 1;
const WRITTEN = 2;

/**
 * An area that can be written, over a source that cannot: what was written is kept in lines, what was zeroed in whole pages
 * is only noted, so that memory is taken by what changed and not by the size. Where the source has no bytes, zeros stand.
 */
export class CopyOnWrite {
  /** By page. */
  private readonly states: Uint8Array;
  private readonly lines = new WrittenLines();
  /** Stretches of the source, each at its number modulo how many are held; which they are, and their lengths. */
  private readonly stretches = new Uint8Array(STRETCH * STRETCHES);
  private readonly stretchesView = new DataView(this.stretches.buffer);
  private readonly held = new Float64Array(STRETCHES).fill(-1);
  private readonly filled = new Uint32Array(STRETCHES);
  private readonly window: Window;
  private readonly windowBefore: Window;
  /** What look() gives of what was written to. */
  private looked = new Uint8Array(0);
  /** What is assembled for a read that no stretch has whole. */
  private readonly word = new Uint8Array(8);
  private readonly wordView = new DataView(this.word.buffer);

  constructor(
    readonly source: Source,
    readonly size: number,
  ) {
    this.states = new Uint8Array(Math.ceil(size / PAGE));
    this.window = new Window(source, AHEAD);
    this.windowBefore = new Window(source, AHEAD);
  }

  /** The same bytes as at first, to be written by somebody else. */
  fresh(): CopyOnWrite {
    return new CopyOnWrite(this.source, this.size);
  }

  u32(at: number, littleEndian: boolean): number {
    const place = this.placeOf(at, 4);
    return place < 0 ? this.wordView.getUint32(0, littleEndian) : this.stretchesView.getUint32(place, littleEndian);
  }

  u64(at: number, littleEndian: boolean): bigint {
    const place = this.placeOf(at, 8);
    return place < 0
      ? this.wordView.getBigUint64(0, littleEndian)
      : this.stretchesView.getBigUint64(place, littleEndian);
  }

  /** Nothing of it was written or zeroed, nor of the pages that it lies in. */
  isUntouched(at: number, length: number): boolean {
    const end = Math.floor((at + length - 1) / PAGE);
    for (let page = Math.floor(at / PAGE); page <= end; page++) if (this.states[page] !== 0) return false;
    return true;
  }

  /** Bytes to look at, not to write: `wanted` of them, or those before the end. What is written later may not show in them. */
  read(at: number, wanted = this.size - at): Uint8Array {
    const length = Math.max(0, Math.min(wanted, this.size - at));
    if (length === 0) return new Uint8Array(0);
    if (this.isUntouched(at, length)) {
      const bytes = this.source.read(at, length);
      if (bytes.length === length) return bytes;
    }
    const bytes = new Uint8Array(length);
    this.copy(at, bytes);
    return bytes;
  }

  /** The same, good until the next look() only: for going over all of it. */
  look(at: number, wanted: number): Uint8Array {
    const length = Math.max(0, Math.min(wanted, this.size - at));
    if (length === 0) return new Uint8Array(0);
    if (this.isUntouched(at, length)) {
      const bytes = this.window.read(at, length);
      if (bytes.length === length) return bytes;
    }
    if (this.looked.length < length) this.looked = new Uint8Array(length);
    const bytes = this.looked.subarray(0, length);
    this.copy(at, bytes);
    return bytes;
  }

  /** What the source has there, good until the next lookBefore() only. */
  lookBefore(at: number, length: number): Uint8Array {
    const bytes = this.windowBefore.read(at, length);
    return bytes.length === length ? bytes : copyOf(this.source, at, length);
  }

  write(at: number, bytes: Uint8Array): void {
    this.check(at, bytes.length);
    for (let done = 0; done < bytes.length; ) {
      const within = (at + done) % LINE;
      const part = Math.min(LINE - within, bytes.length - done);
      this.lineToWrite(at + done, part === LINE).set(bytes.subarray(done, done + part), within);
      done += part;
    }
  }

  /** What already stands there takes no memory. */
  setU32(at: number, value: number, littleEndian: boolean): void {
    if (this.u32(at, littleEndian) === value >>> 0) return;
    this.wordView.setUint32(0, value, littleEndian);
    this.write(at, this.word.subarray(0, 4));
  }

  setU64(at: number, value: bigint, littleEndian: boolean): void {
    if (this.u64(at, littleEndian) === BigInt.asUintN(64, value)) return;
    this.wordView.setBigUint64(0, value, littleEndian);
    this.write(at, this.word);
  }

  zero(from: number, to: number): void {
    this.check(from, to - from);
    for (let at = from; at < to; ) {
      const page = Math.floor(at / PAGE);
      const end = Math.min((page + 1) * PAGE, to);
      if (at === page * PAGE && end - at === Math.min(PAGE, this.size - at)) {
        if ((this.states[page]! & WRITTEN) !== 0) this.forget(page);
        this.states[page] = ZEROED;
      } else this.write(at, new Uint8Array(end - at));
      at = end;
    }
  }

  /** All of it as it is now, in pieces that are good until the next is taken. */
  *pieces(): Generator<Uint8Array> {
    for (let at = 0; at < this.size; at += PIECE) yield this.look(at, Math.min(PIECE, this.size - at));
  }

  /** The stretches that may differ from the source, ascending, a page at most. */
  *touched(): Generator<{ readonly at: number; readonly length: number }> {
    for (let page = 0; page < this.states.length; page++) {
      const state = this.states[page]!;
      if (state === 0) continue;
      const start = page * PAGE;
      const end = Math.min(start + PAGE, this.size);
      if ((state & ZEROED) !== 0) yield { at: start, length: end - start };
      else
        for (let at = start; at < end; at += LINE)
          if (this.lines.of(at / LINE) !== undefined) yield { at, length: Math.min(LINE, end - at) };
    }
  }

  private check(at: number, length: number): void {
    if (!(at >= 0 && length >= 0 && at + length <= this.size))
      throw new RangeError(`${length} bytes at ${at} of an area of ${this.size}`);
  }

  /** Where in the stretches the bytes are; below zero where they were put into `word` instead. */
  private placeOf(at: number, length: number): number {
    this.check(at, length);
    const within = at % LINE;
    if (within > LINE - length) {
      this.copy(at, this.word.subarray(0, length));
      return -1;
    }
    const state = this.states[Math.floor(at / PAGE)]!;
    if ((state & WRITTEN) !== 0 && this.lines.copyWord((at - within) / LINE, within, this.word)) return -1;
    if ((state & ZEROED) !== 0) {
      this.word.fill(0);
      return -1;
    }
    const number = Math.floor(at / STRETCH);
    const slot = number % STRETCHES;
    if (this.held[slot] !== number) this.hold(slot, number);
    const place = at - number * STRETCH;
    if (place + length <= this.filled[slot]!) return slot * STRETCH + place;
    this.copy(at, this.word.subarray(0, length));
    return -1;
  }

  private hold(slot: number, number: number): void {
    const bytes = this.stretches.subarray(slot * STRETCH, (slot + 1) * STRETCH);
    const from = number * STRETCH;
    this.filled[slot] = this.source.readInto(bytes.subarray(0, this.size - from), from);
    this.held[slot] = number;
  }

  /** Copies from the source, then what was zeroed and written over it. */
  private copy(from: number, bytes: Uint8Array): void {
    const to = from + bytes.length;
    if (bytes.length <= PAGE) bytes.set(this.before(from, bytes.length));
    else if (this.source.readInto(bytes, from) < bytes.length) bytes.set(copyOf(this.source, from, bytes.length));
    for (let at = from; at < to; ) {
      const page = Math.floor(at / PAGE);
      const end = Math.min((page + 1) * PAGE, to);
      const state = this.states[page]!;
      if (state !== 0) {
        const part = bytes.subarray(at - from, end - from);
        if ((state & ZEROED) !== 0) part.fill(0);
        if ((state & WRITTEN) !== 0) this.copyLines(at, part);
      }
      at = end;
    }
  }

  /** The bytes as the source has them. */
  private before(at: number, length: number): Uint8Array {
    const bytes = this.source.read(at, length);
    return bytes.length === length ? bytes : copyOf(this.source, at, length);
  }

  /** Copies the lines of one page. */
  private copyLines(from: number, bytes: Uint8Array): void {
    const to = from + bytes.length;
    for (let at = from; at < to; ) {
      const within = at % LINE;
      const end = Math.min(at - within + LINE, to);
      const line = this.lines.of((at - within) / LINE);
      if (line !== undefined) bytes.set(line.subarray(within, within + end - at), at - from);
      at = end;
    }
  }

  /** The line of a byte, kept from now on. */
  private lineToWrite(at: number, whole: boolean): Uint8Array {
    const number = Math.floor(at / LINE);
    const page = Math.floor(at / PAGE);
    const written = this.lines.of(number);
    if (written !== undefined) {
      this.states[page]! |= WRITTEN;
      return written;
    }
    const line = this.lines.add(number);
    if (!whole && (this.states[page]! & ZEROED) === 0) {
      const start = number * LINE;
      line.set(this.before(start, Math.min(LINE, this.size - start)));
    }
    this.states[page]! |= WRITTEN;
    return line;
  }

  /** What was written to a page is gone. */
  private forget(page: number): void {
    for (let line = page * LINES; line < (page + 1) * LINES; line++) this.lines.of(line)?.fill(0);
  }
}
