import { Output } from "./unpack/output.js";

/** Pieces of something, in order, each good until the next is taken. */
export type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Bytes that are read in order, once. */
export class ByteStream {
  private readonly pieces: Iterator<Uint8Array> | AsyncIterator<Uint8Array>;
  private piece: Uint8Array = new Uint8Array(0);
  /** How much of the piece has been read. */
  private used = 0;
  /** How much has been read in all. */
  position = 0;

  constructor(pieces: Pieces) {
    this.pieces = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  }

  /** The next few bytes, which are not yet read, valid until more are read; fewer at the end. */
  async peek(size: number): Promise<Uint8Array> {
    while (this.piece.length - this.used < size) {
      const rest = this.piece.slice(this.used);
      if (!(await this.next())) {
        this.piece = rest;
        this.used = 0;
        break;
      }
      if (rest.length > 0) this.piece = Buffer.concat([rest, this.piece]);
    }
    return this.piece.subarray(this.used, this.used + size);
  }

  /** The next bytes, a copy; fewer at the end. */
  async take(size: number): Promise<Uint8Array> {
    const there = this.piece.length - this.used;
    if (there >= size) {
      const bytes = this.piece.slice(this.used, this.used + size);
      this.used += size;
      this.position += size;
      return bytes;
    }
    const output = new Output(Math.min(size, BEGIN_WITH), size);
    await this.pass(size, (bytes) => output.append(bytes));
    return output.finish();
  }

  /** Passes over bytes. Gives how many there were: fewer at the end. */
  async skip(size: number): Promise<number> {
    return this.pass(size, () => {});
  }

  private async pass(size: number, see: (bytes: Uint8Array) => void): Promise<number> {
    let left = size;
    while (left > 0) {
      if (this.used === this.piece.length && !(await this.next())) break;
      const part = this.piece.subarray(this.used, this.used + left);
      see(part);
      this.used += part.length;
      left -= part.length;
    }
    this.position += size - left;
    return size - left;
  }

  private async next(): Promise<boolean> {
    // Not awaited where it need not be: a package has as many pieces as blocks.
    const step = this.pieces.next();
    const { value, done } = step instanceof Promise ? await step : step;
    this.used = 0;
    this.piece = done ? new Uint8Array(0) : value;
    return !done;
  }

  /** Gives up the rest. */
  async close(): Promise<void> {
    await this.pieces.return?.();
  }
}

/** A size that somebody states is not believed further than this: what comes is. */
const BEGIN_WITH = 16 * 1024 * 1024;
