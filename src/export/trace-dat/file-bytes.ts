import type { Abi } from "../../ground/abi.js";

/** What is put together with its neighbours. */
const SMALL = 64 * 1024;

/** Puts numbers and texts one behind the other, in the byte order that the file names. */
export class FileBytes {
  private readonly parts: Uint8Array[] = [];
  private size = 0;

  constructor(private readonly littleEndian: Abi["littleEndian"]) {}

  get length(): number {
    return this.size;
  }

  bytes(bytes: Uint8Array): this {
    this.parts.push(bytes);
    this.size += bytes.length;
    return this;
  }

  append(other: FileBytes): this {
    for (const bytes of other.parts) this.bytes(bytes);
    return this;
  }

  u8(value: number): this {
    return this.bytes(Uint8Array.of(value));
  }

  u16(value: number): this {
    const bytes = Buffer.alloc(2);
    if (this.littleEndian) bytes.writeUInt16LE(value);
    else bytes.writeUInt16BE(value);
    return this.bytes(bytes);
  }

  u32(value: number): this {
    const bytes = Buffer.alloc(4);
    if (this.littleEndian) bytes.writeUInt32LE(value);
    else bytes.writeUInt32BE(value);
    return this.bytes(bytes);
  }

  u64(value: number): this {
    const bytes = Buffer.alloc(8);
    if (this.littleEndian) bytes.writeBigUInt64LE(BigInt(value));
    else bytes.writeBigUInt64BE(BigInt(value));
    return this.bytes(bytes);
  }

  /** Text of one character a byte, without an end. */
  text(text: string): this {
    return this.bytes(Buffer.from(text, "latin1"));
  }

  /** The same, ended by NUL. */
  string(text: string): this {
    return this.text(`${text}\0`);
  }

  /** Bytes with their length in front. */
  sized64(bytes: Uint8Array): this {
    return this.u64(bytes.length).bytes(bytes);
  }

  sized32(bytes: Uint8Array): this {
    return this.u32(bytes.length).bytes(bytes);
  }

  /** All of it, in few pieces: what is large as it is. */
  *all(): Generator<Uint8Array> {
    let small: Uint8Array[] = [];
    for (const part of this.parts) {
      if (part.length <= SMALL) small.push(part);
      else {
        if (small.length > 0) yield Buffer.concat(small);
        yield part;
        small = [];
      }
    }
    if (small.length > 0) yield Buffer.concat(small);
  }
}
