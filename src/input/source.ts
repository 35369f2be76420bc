import type { PhysicalMemory } from "./memory/physical.js";

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
  /** Pieces of it that the input should have and has not (pages that a dump left out), ascending; usually none. */
  readonly holes: readonly Hole[];
  /** Where its first byte lay in the machine's physical memory, where the input tells. */
  readonly physicalStart: number | undefined;
  /** The memory of the machine that it is a piece of. */
  readonly machine?: PhysicalMemory;
  /** Its sub-buffers are a writer's, the area around them is made: no kernel would take it over. */
  readonly framed?: true;
  /**
   * The bytes at `offset`: `length` of them, or those before the end or a hole. The caller must not write to them.
   */
  read(offset: number, length: number): Uint8Array;
  /** The same for a few bytes far from anything read before: reads no more than asked for. */
  probe(offset: number, length: number): Uint8Array;
  /** The bytes of a stretch, in pieces that are good until the next is taken: the quickest way to see all of it. */
  stream(offset: number, length: number): Iterable<Uint8Array>;
  /** Reads into memory that the caller owns. Gives how many bytes are there: fewer before the end or a hole. */
  readInto(bytes: Uint8Array, offset: number): number;
  close(): void;
}

/** Bytes that are missing. */
export interface Hole {
  readonly offset: number;
  readonly length: number;
}

/** Whether all bytes of a stretch are there. */
export function isWhole({ size, holes }: Source, offset: number, length: number): boolean {
  const end = offset + length;
  return end <= size && !holes.some((hole) => hole.offset < end && hole.offset + hole.length > offset);
}

/** The bytes of a stretch as far as they are there; zeros stand for the rest. */
export function copyOf(source: Source, offset: number, length: number): Uint8Array {
  const copy = new Uint8Array(length);
  const end = Math.min(offset + length, source.size);
  for (let at = offset; at < end; ) {
    const got = source.readInto(copy.subarray(at - offset, end - offset), at);
    at += got;
    const hole = source.holes.find((each) => each.offset + each.length > at);
    if (got === 0 && (hole === undefined || hole.offset > at)) break;
    if (hole !== undefined && hole.offset <= at) at = hole.offset + hole.length;
  }
  return copy;
}

/** The bytes from its beginning to `size`, in pieces; zeros stand for what is not there. */
export function* piecesOf(source: Source, size: number): Generator<Uint8Array> {
  for (let at = 0; at < size; at += PIECE) yield copyOf(source, at, Math.min(PIECE, size - at));
}

/** Bytes a piece that memory is streamed in. */
const PIECE = 1024 * 1024;

/** A source that is made of something else, and has no quicker way than to read: all that it must tell is read(). */
export abstract class MadeSource {
  abstract readonly size: number;

  abstract read(offset: number, length: number): Uint8Array;

  probe(offset: number, length: number): Uint8Array {
    return this.read(offset, length);
  }

  readInto(bytes: Uint8Array, offset: number): number {
    const there = this.read(offset, bytes.length);
    bytes.set(there);
    return there.length;
  }

  *stream(offset: number, length: number): Generator<Uint8Array> {
    const end = Math.min(offset + length, this.size);
    for (let at = offset; at < end; at += PIECE) yield this.read(at, Math.min(PIECE, end - at));
  }
}

/** The same where it is made of one other source, whose name and notes it has, and which closes with it. */
export abstract class DerivedSource extends MadeSource {
  constructor(protected readonly source: Source) {
    super();
  }

  get name(): string {
    return this.source.name;
  }

  get notes(): readonly string[] {
    return this.source.notes;
  }

  close(): void {
    this.source.close();
  }
}

/** Bytes that are in memory already. */
export class MemorySource extends MadeSource implements Source {
  readonly holes: readonly Hole[] = [];
  readonly physicalStart = undefined;

  constructor(
    private readonly bytes: Uint8Array,
    readonly name = "<memory>",
    readonly notes: readonly string[] = [],
  ) {
    super();
  }

  get size(): number {
    return this.bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    return this.bytes.subarray(offset, Math.min(offset + length, this.bytes.length));
  }

  close(): void {}
}
