import { crc32 } from "node:zlib";
import { InputError } from "../../ground/errors.js";
import { MAX_DICTIONARY } from "../../ground/limits.js";
import { MemorySource, type Source } from "../source.js";
import { Window } from "../window.js";
import { BRANCH_FILTERS, type BranchFilter, undelta } from "./bcj.js";
import { le32 } from "./le32.js";
import { Lzma } from "./lzma.js";
import type { Output } from "./output.js";
import { magicOf } from "./packing.js";
import { BlockCheck } from "./xz-check.js";

/** .xz (its public specification 1.2): streams of blocks, each LZMA2 behind up to three filters. */

const HEADER_SIZE = 12;
const FILTER_LZMA2 = 0x21;
const FILTER_DELTA = 3;

/** Decodes the first stream, and those that follow at once; what else stands behind is not looked at. */
export function unxz(input: Uint8Array, output: Output): void {
  for (const _ of xzPieces(new MemorySource(input), 0, output));
}

/**
 * The same for what begins at `start` in a source, of which no more than some chunks are in memory. An output that is passed
 * on is given as it comes, in pieces that are good until the next is taken.
 */
export function* xzPieces(source: Source, start: number, output: Output): Generator<Uint8Array> {
  const input = new Input(source, start);
  do yield* stream(input, output);
  while (isHeader(input.peek(HEADER_SIZE)));
}

/** The packed bytes, from which whole headers and chunks are taken. */
class Input {
  private readonly window: Window;

  constructor(
    source: Source,
    public at: number,
  ) {
    this.window = new Window(source, AHEAD);
  }

  /** The next bytes, valid until more are asked for; fewer at the end. */
  peek(size: number): Uint8Array {
    return this.window.read(this.at, size);
  }

  take(size: number): Uint8Array {
    const bytes = this.peek(size);
    if (bytes.length < size) throw new InputError("it is cut short");
    this.at += size;
    return bytes;
  }

  byte(): number {
    return this.take(1)[0]!;
  }
}

/** Bytes that are read at once: some chunks, which are smaller than 64K. */
const AHEAD = 256 * 1024;

const XZ_MAGIC = magicOf("xz");

function isHeader(bytes: Uint8Array): boolean {
  return bytes.length === HEADER_SIZE && XZ_MAGIC.every((byte, i) => bytes[i] === byte);
}

function* stream(input: Input, output: Output): Generator<Uint8Array> {
  const header = input.take(HEADER_SIZE);
  if (!isHeader(header)) throw new InputError("it is cut short");
  if (le32(header, 8) !== crc32(header.subarray(6, 8))) throw new InputError("its header is damaged");
  const check = header[7]! & 15;
  while (input.peek(1)[0] !== 0) yield* block(input, check, output);
  passIndex(input);
}

interface BlockHeader {
  /** Bytes that its chunks copy from: what is older may be passed on. */
  readonly window: number;
  /** In the encoder's order. */
  readonly filters: readonly { readonly filter: BranchFilter; readonly start: number }[];
}

function blockHeader(input: Input): BlockHeader {
  const size = (input.peek(1)[0]! + 1) * 4;
  const bytes = input.take(size);
  const end = size - 4;
  if (le32(bytes, end) !== crc32(bytes.subarray(0, end))) throw new InputError("a header is damaged");
  const flags = bytes[1]!;
  let at = 2;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (at > size || value > Number.MAX_SAFE_INTEGER) throw new InputError("a header is damaged");
      if ((byte & 0x80) === 0) return value;
    }
  };
  if (flags & 0x40) number();
  if (flags & 0x80) number();
  let window = Number.POSITIVE_INFINITY;
  const filters: { readonly filter: BranchFilter; readonly start: number }[] = [];
  for (let i = (flags & 3) + 1; i > 0; i--) {
    const id = number();
    const length = number();
    const properties = at;
    at += length;
    if (i === 1) {
      if (id !== FILTER_LZMA2) throw new InputError("it is not packed by LZMA2");
      // Filters go over a whole block: then nothing is passed on before its end.
      if (filters.length === 0) window = dictionarySize(bytes[properties] ?? 0);
    } else {
      const filter = id === FILTER_DELTA ? undelta : BRANCH_FILTERS.get(id);
      if (filter === undefined) throw new InputError(`its filter ${id} is not known: unpack it with xz -d first`);
      const start = id === FILTER_DELTA ? (bytes[properties] ?? 0) + 1 : length === 4 ? le32(bytes, properties) : 0;
      filters.push({ filter, start });
    }
  }
  return { window, filters };
}

function* block(input: Input, check: number, output: Output): Generator<Uint8Array> {
  const start = input.at;
  const { window, filters } = blockHeader(input);
  const from = output.length;
  const sum = new BlockCheck(check, output);
  yield* lzma2(input, { output, window, sum });
  // The decoder undoes them in the order opposite to the encoder's, which the header has.
  for (const { filter, start: address } of filters.toReversed())
    filter(output.bytes.subarray(from, output.length), address);
  sum.add();
  yield output.fresh();
  input.take((4 - ((input.at - start) & 3)) & 3);
  const wrong = sum.mismatch(input.take(sum.size));
  if (wrong !== undefined) throw new InputError(`its check (${wrong}) does not match`);
}

/** The size of the dictionary by its code (3.2 of the specification of LZMA2 in .xz): nothing further back is copied. */
function dictionarySize(code: number): number {
  return (2 | (code & 1)) * 2 ** ((code >> 1) + 11);
}

interface Unpacked {
  readonly output: Output;
  /** Bytes that chunks copy from; what is older may be forgotten. Without an end, nothing is given before the block's. */
  readonly window: number;
  readonly sum: BlockCheck;
}

/** Chunks: a control byte, sizes, bytes. */
function* lzma2(input: Input, { output, window, sum }: Unpacked): Generator<Uint8Array> {
  const decoder = new Lzma(output);
  let begun = false;
  for (;;) {
    if (window !== Number.POSITIVE_INFINITY) {
      yield output.fresh();
      sum.add();
      const moved = output.forget(Math.min(window, MAX_DICTIONARY));
      decoder.moved(moved);
      sum.moved(moved);
    }
    const control = input.byte();
    if (control === 0) return;
    if (control < 0x80) {
      if (control > 2) throw new InputError("a chunk makes no sense");
      const size = be16(input.take(2)) + 1;
      if (control === 1) decoder.resetDictionary();
      output.append(input.take(size));
      continue;
    }
    const head = input.take(4);
    const size = (((control & 31) << 16) | be16(head)) + 1;
    const packed = be16(head, 2) + 1;
    const reset = (control >> 5) & 3;
    if (reset === 3) decoder.resetDictionary();
    if (reset >= 2) decoder.setProperties(input.byte());
    else if (!begun) throw new InputError("a chunk has no properties");
    else if (reset === 1) decoder.resetState();
    begun = true;
    output.reserve(size);
    decoder.start(input.take(packed));
    decoder.decode(size);
    if (decoder.position !== packed) throw new InputError("a chunk is damaged");
  }
}

/** The index, whose records are not needed, and the footer: whether all of the stream is there, and sound. */
function passIndex(input: Input): void {
  const start = input.at;
  let sum = 0;
  const byte = (): number => {
    const one = input.take(1);
    sum = crc32(one, sum);
    return one[0]!;
  };
  const number = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const next = byte();
      value += (next & 0x7f) * scale;
      if ((next & 0x80) === 0) return value;
      if (scale > Number.MAX_SAFE_INTEGER) throw new InputError("its index is damaged");
    }
  };
  byte();
  for (let left = number() * 2; left > 0; left--) number();
  while (((input.at - start) & 3) !== 0) byte();
  if (le32(input.take(4), 0) !== sum) throw new InputError("its index is damaged");
  const footer = input.take(HEADER_SIZE);
  if (le32(footer, 0) !== crc32(footer.subarray(4, 10)) || footer[10] !== 0x59 || footer[11] !== 0x5a)
    throw new InputError("its end is damaged");
}

function be16(b: Uint8Array, i = 0): number {
  return (b[i]! << 8) | b[i + 1]!;
}
