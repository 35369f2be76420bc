/** The two hex digits of each byte, as they lie in memory. */
const HEX2 = new Uint16Array(256);
/** The two decimal digits of each number below 100. */
const DEC2 = new Uint16Array(100);
for (let i = 0; i < 256; i++) HEX2[i] = pair(i.toString(16).padStart(2, "0"));
for (let i = 0; i < 100; i++) DEC2[i] = pair(String(i).padStart(2, "0"));

function pair(text: string): number {
  return text.charCodeAt(0) | (text.charCodeAt(1) << 8);
}

/** Which bytes a JSON string cannot hold as they are. */
const ESCAPED = Uint8Array.from({ length: 256 }, (_, c) => (c < 32 || c > 126 || c === 34 || c === 92 ? 1 : 0));
const TWO32 = 4294967296;
const ZERO = 48;
const MINUS = 45;
/** Longer strings are copied by the runtime: the call costs as much as this many characters. */
const SHORT = 40;
/** What a number may take: kept free behind the room of a sink. */
const SLACK = 64;

/** Text that is written often: made once, copied four bytes at a time. */
export class Stamp {
  readonly words: Uint32Array;
  readonly length: number;

  /** @param text one character a byte */
  constructor(text: string) {
    const { length } = text;
    const words = new Uint32Array((length + 3) >> 2);
    for (let i = 0; i < length; i++) words[i >> 2] = words[i >> 2]! | ((text.charCodeAt(i) & 255) << ((i & 3) << 3));
    this.words = words;
    this.length = length;
  }
}

/**
 * Text that grows at its end, a byte a character. Digits and short pieces are written in place, so that printing an
 * event makes no strings.
 */
export class TextSink {
  private bytes: Buffer;
  private view: DataView;
  /** Bytes that may be written without a look at the end: fixed writes go up to SLACK beyond. */
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
  stamp({ words, length }: Stamp): void {
    if (this.at + length > this.room) this.grow(length);
    const { view, at } = this;
    for (let i = 0; i < words.length; i++) view.setUint32(at + i * 4, words[i]!, true);
    this.at = at + length;
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
    if (this.at > this.room) this.grow(0);
    let rest = value;
    if (rest < 0) {
      this.bytes[this.at++] = MINUS;
      rest = -rest;
    }
    if (rest < 10) this.bytes[this.at++] = ZERO + rest;
    else if (rest < 1e9) this.digits(rest | 0);
    else if (rest < 1e18) {
      const high = Math.floor(rest / 1e9);
      this.dec(high);
      this.pad9(rest - high * 1e9);
    } else this.text(String(rest));
  }

  private digits(value: number): void {
    let count = 2;
    for (let limit = 100; value >= limit && count < 9; limit *= 10) count++;
    const end = this.at + count;
    this.at = end;
    this.backwards(value, end, count);
  }

  /** `count` digits that end before `end`, at least two; what is beyond them is lost. */
  private backwards(value: number, end: number, count: number): void {
    const { view } = this;
    let rest = value;
    let at = end;
    let left = count;
    for (; left >= 2; left -= 2) {
      const next = (rest / 100) | 0;
      at -= 2;
      view.setUint16(at, DEC2[rest - next * 100]!, true);
      rest = next;
    }
    if (left === 1) this.bytes[at - 1] = ZERO + rest;
  }

  /** Six digits of a number below 10^6. */
  pad6(value: number): void {
    if (this.at > this.room) this.grow(0);
    this.at += 6;
    this.backwards(value, this.at, 6);
  }

  /** Nine digits of a number below 10^9. */
  pad9(value: number): void {
    if (this.at > this.room) this.grow(0);
    this.at += 9;
    this.backwards(value, this.at, 9);
  }

  // The halves of wide numbers may come signed (`| 0`): so no call makes a heap number of them.

  /** An unsigned 64-bit number. */
  dec64u(hi: number, lo: number): void {
    if (hi >>> 0 < 0x200000) this.dec((hi >>> 0) * TWO32 + (lo >>> 0));
    else this.text(((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)).toString());
  }

  /** A signed 64-bit number. */
  dec64s(hi: number, lo: number): void {
    const high = hi | 0;
    if (high >= -0x200000 && high < 0x200000) this.dec(high * TWO32 + (lo >>> 0));
    else this.text(((BigInt(high) << 32n) | BigInt(lo >>> 0)).toString());
  }

  /** Two hex digits of a byte. */
  hex2(value: number): void {
    if (this.at > this.room) this.grow(0);
    this.view.setUint16(this.at, HEX2[value]!, true);
    this.at += 2;
  }

  /** Eight hex digits. */
  hex8(value: number): void {
    if (this.at > this.room) this.grow(0);
    const { view, at } = this;
    view.setUint16(at, HEX2[value >>> 24]!, true);
    view.setUint16(at + 2, HEX2[(value >>> 16) & 255]!, true);
    view.setUint16(at + 4, HEX2[(value >>> 8) & 255]!, true);
    view.setUint16(at + 6, HEX2[value & 255]!, true);
    this.at = at + 8;
  }

  /** Hex of a 32-bit number, no leading zeros. */
  hex(value: number): void {
    // Moved to the left, all eight digits are written; those that are none are overwritten by what follows.
    const digits = value === 0 ? 1 : (35 - Math.clz32(value)) >> 2;
    const end = this.at + digits;
    this.hex8(value << (32 - digits * 4));
    this.at = end;
  }

  /** Hex of a 64-bit number, no leading zeros. */
  hex64(hi: number, lo: number): void {
    if (hi === 0) this.hex(lo);
    else {
      this.hex(hi);
      this.hex8(lo);
    }
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
