import { putDec, putDec64s, putDec64u, putHex2, putHex8, putHex64, putNine, putSix } from "./digits.js";

/** Which bytes a JSON string cannot hold as they are. */
const ESCAPED = Uint8Array.from({ length: 256 }, (_, c) => (c < 32 || c > 126 || c === 34 || c === 92 ? 1 : 0));
/** Longer strings are copied by the runtime: the call costs as much as this many characters. */
const SHORT = 40;
/** Kept free behind the room of a sink, for numbers and short text. */
const SLACK = 2048;
/** So much may be written behind ready(), with what comes to lie behind it, before the next look at the room. */
export const READY_ROOM = SLACK;

const eight = new DataView(new ArrayBuffer(8));

/** Up to eight characters of a text as the number whose bytes they are; undefined where that is none that stays as it is. */
export function eightBytes(text: string, from = 0): number | undefined {
  eight.setUint32(0, fourBytes(text, from), true);
  eight.setUint32(4, fourBytes(text, from + 4), true);
  const value = eight.getFloat64(0, true);
  return Number.isNaN(value) || Object.is(value, -0) ? undefined : value;
}

function fourBytes(text: string, from: number): number {
  let value = 0;
  for (let i = Math.min(text.length - from, 4) - 1; i >= 0; i--)
    value = (value << 8) | (text.charCodeAt(from + i) & 255);
  return value;
}

/** Text that is written often: made once, copied eight bytes at a time. */
export class Stamp {
  /** Undefined where the bytes are no numbers that can be copied. */
  readonly eights: Float64Array | undefined;
  readonly length: number;

  /** @param text one character a byte */
  constructor(readonly text: string) {
    this.length = text.length;
    const eights = new Float64Array((text.length + 7) >> 3);
    let whole = true;
    for (let i = 0; i < eights.length; i++) {
      const value = eightBytes(text, i * 8);
      if (value === undefined) whole = false;
      else eights[i] = value;
    }
    this.eights = whole ? eights : undefined;
  }
}

/**
 * Text that grows at its end, a byte a character. Digits and short pieces are written in place, so that printing an
 * event makes no strings.
 */
export class TextSink {
  private bytes: Buffer;
  /** What is written to; another one when it has grown. */
  view: DataView;
  /** Bytes that may be written without a look at the end: what is short goes up to SLACK beyond. */
  private room: number;
  /** Bytes written. */
  at = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size + SLACK);
    this.view = viewOf(this.bytes);
    this.room = size;
  }

  /** Makes room for `count` more bytes. */
  private grow(count: number): void {
    const old = this.bytes;
    this.use(Buffer.allocUnsafeSlow(Math.max(this.room * 2, this.at + count) + SLACK));
    old.copy(this.bytes, 0, 0, this.at);
  }

  private use(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.room = bytes.length - SLACK;
  }

  /** What was written from `from` on, as a string. */
  string(from: number): string {
    return this.bytes.toString("latin1", from, this.at);
  }

  /** True when what was written from `from` on is printable ASCII that JSON takes as it is. */
  plainSince(from: number): boolean {
    const { bytes, at } = this;
    for (let i = from; i < at; i++) if (ESCAPED[bytes[i]!] === 1) return false;
    return true;
  }

  /** True when what was written from `from` on is ASCII: the same as UTF-8. */
  asciiSince(from: number): boolean {
    const { bytes, at } = this;
    let all = 0;
    for (let i = from; i < at; i++) all |= bytes[i]!;
    return all < 128;
  }

  /** Whether ASCII text stands in what was written from `from` on. */
  has(text: string, from: number): boolean {
    const { bytes } = this;
    const first = text.charCodeAt(0);
    const last = this.at - text.length;
    for (let i = from; i <= last; i++) {
      if (bytes[i] !== first) continue;
      let k = 1;
      while (k < text.length && bytes[i + k] === text.charCodeAt(k)) k++;
      if (k === text.length) return true;
    }
    return false;
  }

  /** Takes back the last character, if it was written after `from` and is this one. */
  dropLast(from: number, code: number): void {
    if (this.at > from && this.bytes[this.at - 1] === code) this.at--;
  }

  /** Puts text in the place of what was written from `from` on. */
  replace(from: number, text: string): void {
    this.at = from;
    this.text(text);
  }

  /** Writes a character twice wherever it stands in what was written from `from` on. */
  double(from: number, code: number): void {
    let more = 0;
    for (let i = from; i < this.at; i++) if (this.bytes[i] === code) more++;
    if (more === 0) return;
    if (this.at + more > this.room) this.grow(more);
    const { bytes, at } = this;
    let to = at + more;
    this.at = to;
    for (let i = at - 1; i >= from; i--) {
      const byte = bytes[i]!;
      bytes[--to] = byte;
      if (byte === code) bytes[--to] = code;
    }
  }

  /** What was written, and begins anew: valid until something is written again, since fresh memory is slow. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.at);
    this.at = 0;
    return taken;
  }

  /** A string, one character a byte. */
  text(text: string): void {
    const { length } = text;
    if (this.at + length > this.room) this.grow(length);
    const { bytes, at } = this;
    if (length > SHORT) bytes.write(text, at, length, "latin1");
    else for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
    this.at = at + length;
  }

  /** Text made before. */
  stamp({ eights, length, text }: Stamp): void {
    if (this.at + length > this.room) this.grow(length);
    if (eights === undefined) {
      this.text(text);
      return;
    }
    const { view, at } = this;
    for (let i = 0; i < eights.length; i++) view.setFloat64(at + i * 8, eights[i]!, true);
    this.at = at + length;
  }

  /** Where to write, for who writes to the view itself: READY_ROOM bytes, then `at` must say how far it came. */
  ready(): number {
    if (this.at > this.room) this.grow(0);
    return this.at;
  }

  /** One character. */
  char(code: number): void {
    if (this.at >= this.room) this.grow(1);
    this.bytes[this.at++] = code;
  }

  /** The bytes from `start` to `end` of a window. */
  range(from: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.at + length > this.room) this.grow(length);
    const { bytes, at } = this;
    for (let i = 0; i < length; i++) bytes[at + i] = from[start + i]!;
    this.at = at + length;
  }

  /** A whole number within 2^53. */
  dec(value: number): void {
    this.at = putDec(value, this.ready(), this.view);
  }

  /** Six digits of a number below 10^6. */
  pad6(value: number): void {
    this.at = putSix(value, this.ready(), this.view);
  }

  /** Nine digits of a number below 10^9. */
  pad9(value: number): void {
    this.at = putNine(value, this.ready(), this.view);
  }

  /** An unsigned 64-bit number; the halves may be signed. */
  dec64u(hi: number, lo: number): void {
    this.at = putDec64u(hi, lo, this.ready(), this.view);
  }

  /** A signed 64-bit number; the halves may be signed. */
  dec64s(hi: number, lo: number): void {
    this.at = putDec64s(hi, lo, this.ready(), this.view);
  }

  /** Two hex digits of a byte. */
  hex2(value: number): void {
    this.at = putHex2(value, this.ready(), this.view);
  }

  /** Eight hex digits. */
  hex8(value: number): void {
    this.at = putHex8(value, this.ready(), this.view);
  }

  /** Hex of a 64-bit number, no leading zeros. */
  hex64(hi: number, lo: number): void {
    this.at = putHex64(hi, lo, this.ready(), this.view);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
