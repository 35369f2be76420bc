/**
 * Where the bytes of an image come from: random access, so that an image larger than memory can be read.
 * Nothing can be written through it.
 */
export interface Source {
  /** What to call it in messages: a path, or `<stdin>`. */
  readonly name: string;
  /** Bytes in it, after decompression. */
  readonly size: number;
  /** What was noticed while reading it (a compressed stream that ends early, ...); for stderr. */
  readonly notes: readonly string[];
  /** The bytes at `offset`: `length` of them, or fewer at the end. The caller must not write to them. */
  read(offset: number, length: number): Uint8Array;
  /** The same for a few bytes far from anything read before: reads no more than asked for. */
  probe(offset: number, length: number): Uint8Array;
  close(): void;
}

/** Bytes that are in memory already. */
export class MemorySource implements Source {
  constructor(
    private readonly bytes: Uint8Array,
    readonly name = "<memory>",
    readonly notes: readonly string[] = [],
  ) {}

  get size(): number {
    return this.bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    return this.bytes.subarray(offset, Math.min(offset + length, this.bytes.length));
  }

  probe(offset: number, length: number): Uint8Array {
    return this.read(offset, length);
  }

  close(): void {}
}
