import { latin1 } from "../../ground/latin1.js";
import type { Source } from "../source.js";
import { be32 } from "../unpack/be32.js";
import { Window } from "../window.js";

/** Bytes that are read at once. */
const AHEAD = 1024 * 1024;
/** Bytes that are searched at once: what is sought may follow every few bytes. */
const SEARCHED = 4096;
/** A name's length is a byte in most places. */
const MAX_NAME = 255;

/** Why a stream is read no further: it ends, or makes no sense. */
export class BrokenStream extends Error {}

/** A place in a stream of big-endian numbers and text. Every read throws BrokenStream where the stream ends before. */
export class StreamCursor {
  private readonly window: Window;

  /** @param at the place, in bytes */
  constructor(
    private readonly source: Source,
    public at: number,
  ) {
    this.window = new Window(source, AHEAD);
  }

  u8(): number {
    return this.take(1)[0]!;
  }

  u16(): number {
    const bytes = this.take(2);
    return bytes[0]! * 0x100 + bytes[1]!;
  }

  u32(): number {
    return be32(this.take(4), 0);
  }

  /** A number of 64 bits. Throws BrokenStream too where it is none that any machine has. */
  u64(): number {
    const bytes = this.take(8);
    const value = be32(bytes, 0) * 2 ** 32 + be32(bytes, 4);
    if (value > Number.MAX_SAFE_INTEGER) throw new BrokenStream("the stream breaks off");
    return value;
  }

  text(length: number): string {
    if (length > MAX_NAME) throw new BrokenStream("a name has no end");
    return latin1(this.take(length));
  }

  /** The next byte, which is read again. */
  peek(): number {
    const byte = this.u8();
    this.at--;
    return byte;
  }

  skip(length: number): void {
    if (this.at + length > this.source.size) throw new BrokenStream("the stream is cut short");
    this.at += length;
  }

  /** Goes behind the next place where these bytes are. */
  skipBehind(bytes: Uint8Array): void {
    for (;;) {
      const { buffer, byteOffset, length } = this.window.read(this.at, SEARCHED);
      const found = Buffer.from(buffer, byteOffset, length).indexOf(bytes);
      if (found >= 0) {
        this.at += found + bytes.length;
        return;
      }
      if (length < SEARCHED) throw new BrokenStream("the stream is cut short");
      this.at += length - bytes.length;
    }
  }

  private take(length: number): Uint8Array {
    const { at } = this;
    this.skip(length);
    return this.window.read(at, length);
  }
}
