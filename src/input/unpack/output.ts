import { InputError } from "../../ground/errors.js";

/** What a stream expands to, in memory: it grows as it fills, up to a bound. Decoders use it as their dictionary. */
export class Output {
  bytes: Uint8Array;
  length = 0;

  /**
   * @param expected bytes to begin with: a guess
   * @param limit bytes that it may become
   */
  constructor(
    expected: number,
    private readonly limit: number,
  ) {
    this.bytes = new Uint8Array(Math.min(Math.max(expected, 64 * 1024), limit));
  }

  /** Makes room for `size` more bytes. Throws InputError beyond the bound. */
  reserve(size: number): void {
    const need = this.length + size;
    if (need <= this.bytes.length) return;
    if (need > this.limit) throw new InputError(`it expands to more than ${this.limit} bytes`);
    const grown = new Uint8Array(Math.min(this.limit, Math.max(need, this.bytes.length * 2)));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Repeats `size` bytes that stand `distance` before the end; they may overlap what they make. */
  repeat(distance: number, size: number): void {
    if (!(distance > 0 && distance <= this.length)) throw new InputError("it points before its beginning");
    this.reserve(size);
    const { bytes } = this;
    let to = this.length;
    const from = to - distance;
    if (distance >= size) bytes.copyWithin(to, from, from + size);
    else for (let i = 0; i < size; i++) bytes[to + i] = bytes[from + i]!;
    to += size;
    this.length = to;
  }

  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
