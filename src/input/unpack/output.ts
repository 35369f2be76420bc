import { InputError } from "../../ground/errors.js";

/** What a stream expands to, in memory: it grows as it fills, up to a bound. Decoders use it as their dictionary. */
export class Output {
  bytes: Uint8Array;
  length = 0;

  /**
   * @param expected bytes to begin with: a guess
   * @param limit bytes that it may become
   * @param exceeded what is thrown beyond it
   */
  constructor(
    expected: number,
    private readonly limit: number,
    private readonly exceeded = () => new InputError(`it expands to more than ${limit} bytes`),
  ) {
    this.bytes = new Uint8Array(Math.min(Math.max(expected, 64 * 1024), limit));
  }

  /** Makes room for `size` more bytes. Throws InputError beyond the bound. */
  reserve(size: number): void {
    const need = this.length + size;
    if (need <= this.bytes.length) return;
    if (need > this.limit) throw this.exceeded();
    const grown = new Uint8Array(Math.min(this.limit, Math.max(need, this.bytes.length * 2)));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Takes bytes that nobody else will change; where they are all there is yet, without a copy. */
  take(bytes: Uint8Array): void {
    if (this.length === 0 && bytes.length <= this.limit) {
      this.bytes = bytes;
      this.length = bytes.length;
    } else this.append(bytes);
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

  /** What has come since the last time, where it is passed on: valid until more comes. */
  fresh(): Uint8Array {
    return NOTHING;
  }

  /**
   * Forgets what was passed on, but for the last `window` bytes, which are the dictionary.
   * @returns by how much what is kept has moved to the front
   */
  forget(_window: number): number {
    return 0;
  }

  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

const NOTHING = new Uint8Array(0);

/** An output that is passed on as it comes, so that it may be larger than memory. */
export class PassedOn extends Output {
  private passed = 0;

  constructor() {
    super(0, Number.POSITIVE_INFINITY);
  }

  override fresh(): Uint8Array {
    const from = this.passed;
    this.passed = this.length;
    return this.bytes.subarray(from, this.length);
  }

  override forget(window: number): number {
    // Moving what is kept costs as much as it is long: not more often than that much has come.
    const old = this.passed - window;
    if (old < Math.max(window, LEAST)) return 0;
    this.bytes.copyWithin(0, old, this.length);
    this.length -= old;
    this.passed -= old;
    return old;
  }
}

/** Less is not worth moving the rest for. */
const LEAST = 1024 * 1024;
