import { decodeLatin1 } from "../../ground/latin1.js";

const TWO32 = 4294967296;
const VARINT = 0;
const LEN = 2;
/** Bytes that a message's length is given at first; a longer one is moved. */
const LENGTH_ROOM = 2;
const MAX_ROOM = 2 ** (7 * LENGTH_ROOM);

/**
 * Writes protobuf's wire format. Fields below 16 take a tag of one byte, so their numbers are written as they come;
 * nested messages are written in place, and their length is filled in behind them.
 */
export class ProtoWriter {
  private bytes: Buffer;
  at = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  /** Valid until more is. */
  get written(): Buffer {
    return this.bytes.subarray(0, this.at);
  }

  /** Gives away what was written, and begins anew. */
  take(): Buffer {
    const taken = this.written;
    this.bytes = Buffer.allocUnsafeSlow(this.bytes.length);
    this.at = 0;
    return taken;
  }

  /** A number of up to 53 bits, not negative. */
  uint(field: number, value: number): void {
    this.room(24);
    this.number(field * 8 + VARINT);
    this.number(value);
  }

  /** A number of 64 bits, in halves. Negative ones are ten bytes, as protobuf has them. */
  halves(field: number, hi: number, lo: number): void {
    this.room(24);
    this.number(field * 8 + VARINT);
    const high = hi >>> 0;
    if (high < 0x200000) {
      this.number(high * TWO32 + (lo >>> 0));
      return;
    }
    let low = lo >>> 0;
    let rest = high;
    while (rest > 0 || low > 127) {
      this.bytes[this.at++] = (low & 127) | 128;
      low = ((low >>> 7) | (rest << 25)) >>> 0;
      rest >>>= 7;
    }
    this.bytes[this.at++] = low;
  }

  /** A signed number within 2^53. */
  int(field: number, value: number): void {
    if (value >= 0) this.uint(field, value);
    else this.halves(field, Math.floor(value / TWO32), value);
  }

  /** Text of one character a byte, as UTF-8. */
  text(field: number, text: string): void {
    this.room(16 + text.length * 2);
    this.number(field * 8 + LEN);
    const decoded = decodeLatin1(text);
    if (decoded === text) {
      const from = this.at + 1;
      let ascii = text.length < 128;
      for (let i = 0; ascii && i < text.length; i++) {
        const code = text.charCodeAt(i);
        if (code > 127) ascii = false;
        else this.bytes[from + i] = code;
      }
      if (ascii) {
        this.bytes[this.at] = text.length;
        this.at = from + text.length;
        return;
      }
    }
    const utf8 = Buffer.from(decoded, "utf8");
    this.room(16 + utf8.length);
    this.number(utf8.length);
    utf8.copy(this.bytes, this.at);
    this.at += utf8.length;
  }

  /** Bytes as they are, with their length. */
  raw(field: number, bytes: Uint8Array): void {
    this.room(24 + bytes.length);
    this.number(field * 8 + LEN);
    this.number(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Begins a message; its end() wants what this returns. */
  begin(field: number): number {
    this.room(24);
    this.number(field * 8 + LEN);
    this.at += LENGTH_ROOM;
    return this.at;
  }

  end(start: number): void {
    let length = this.at - start;
    if (length >= MAX_ROOM) {
      const more = length >= 2 ** 28 ? 3 : length >= 2 ** 21 ? 2 : 1;
      this.room(more);
      this.bytes.copyWithin(start + more, start, this.at);
      this.at += more;
      for (let i = 0; i < more + LENGTH_ROOM; i++) {
        const last = i === more + LENGTH_ROOM - 1;
        this.bytes[start - LENGTH_ROOM + i] = (length & 127) | (last ? 0 : 128);
        length = Math.floor(length / 128);
      }
      return;
    }
    this.bytes[start - 2] = (length & 127) | 128;
    this.bytes[start - 1] = length >>> 7;
  }

  private number(value: number): void {
    let rest = value;
    while (rest > 0x7fffffff) {
      this.bytes[this.at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.bytes[this.at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.bytes[this.at++] = rest;
  }

  private room(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const old = this.bytes;
    this.bytes = Buffer.allocUnsafeSlow(Math.max(old.length * 2, this.at + count));
    old.copy(this.bytes, 0, 0, this.at);
  }
}
