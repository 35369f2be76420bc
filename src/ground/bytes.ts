import type { Abi } from "./abi.js";
import { DecodeError } from "./errors.js";

/**
 * A read-only window of the image in the writer's byte order. Every read is bounds-checked and fails with a
 * DecodeError that names the offset in the image, not in the window.
 */
export class Bytes {
  readonly u8: Uint8Array;
  readonly view: DataView;

  /** @param offset where the window's first byte lies in the image; another place where its memory is filled again */
  constructor(
    bytes: Uint8Array,
    readonly abi: Abi,
    public offset = 0,
  ) {
    this.u8 = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.u8.length;
  }

  /** Throws unless `size` bytes lie at `at`. */
  need(at: number, size: number): void {
    if (!(at >= 0 && size >= 0 && at + size <= this.u8.length))
      throw new DecodeError("truncated", this.offset + at, size, Math.max(0, this.u8.length - at));
  }

  u8At(at: number): number {
    this.need(at, 1);
    return this.u8[at]!;
  }

  u16(at: number): number {
    this.need(at, 2);
    return this.view.getUint16(at, this.abi.littleEndian);
  }

  u32(at: number): number {
    this.need(at, 4);
    return this.view.getUint32(at, this.abi.littleEndian);
  }

  i32(at: number): number {
    this.need(at, 4);
    return this.view.getInt32(at, this.abi.littleEndian);
  }

  u64(at: number): bigint {
    this.need(at, 8);
    return this.view.getBigUint64(at, this.abi.littleEndian);
  }

  /** The writer's unsigned long. */
  long(at: number): bigint {
    return this.abi.longSize === 8 ? this.u64(at) : BigInt(this.u32(at));
  }
}
