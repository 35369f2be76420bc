import { InputError } from "../../ground/errors.js";
import { MAX_DICTIONARY } from "../../ground/limits.js";
import { BRANCH_FILTERS, type BranchFilter, undelta } from "./bcj.js";
import { crc32 } from "./crc32.js";
import { Lzma } from "./lzma.js";
import type { Output } from "./output.js";
import { magicOf } from "./packing.js";

/** .xz (its public specification 1.2): streams of blocks, each LZMA2 behind up to three filters. */

const HEADER_SIZE = 12;
const FILTER_LZMA2 = 0x21;
const FILTER_DELTA = 3;
/** Bytes of a block's check by its type. */
const CHECK_SIZES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

/** Decodes the first stream, and those that follow at once; what else stands behind is not looked at. */
export function unxz(input: Uint8Array, output: Output): void {
  let at = 0;
  do at = stream(input, at, output);
  while (isHeader(input, at));
}

function isHeader(input: Uint8Array, at: number): boolean {
  return at + HEADER_SIZE <= input.length && XZ_MAGIC.every((byte, i) => input[at + i] === byte);
}

const XZ_MAGIC = magicOf("xz");

function stream(input: Uint8Array, start: number, output: Output): number {
  if (!isHeader(input, start)) throw new InputError("it is cut short");
  if (le32(input, start + 8) !== crc32(input, start + 6, start + 8)) throw new InputError("its header is damaged");
  const check = input[start + 7]! & 15;
  let at = start + HEADER_SIZE;
  while (input[at] !== 0) {
    if (at >= input.length) throw new InputError("it is cut short");
    at = block(input, at, check, output);
  }
  return afterIndex(input, at);
}

function block(input: Uint8Array, start: number, check: number, output: Output): number {
  const headerSize = (input[start]! + 1) * 4;
  const headerEnd = start + headerSize;
  if (headerEnd > input.length) throw new InputError("it is cut short");
  if (le32(input, headerEnd - 4) !== crc32(input, start, headerEnd - 4)) throw new InputError("a header is damaged");
  const flags = input[start + 1]!;
  let at = start + 2;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = input[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (at > headerEnd || value > Number.MAX_SAFE_INTEGER) throw new InputError("a header is damaged");
      if ((byte & 0x80) === 0) return value;
    }
  };
  if (flags & 0x40) number();
  if (flags & 0x80) number();
  let window = Number.POSITIVE_INFINITY;
  const filters: { readonly filter: BranchFilter; readonly start: number }[] = [];
  for (let i = (flags & 3) + 1; i > 0; i--) {
    const id = number();
    const size = number();
    const properties = at;
    at += size;
    if (i === 1) {
      if (id !== FILTER_LZMA2) throw new InputError("it is not packed by LZMA2");
      // Filters go over a whole block: then nothing is passed on before its end.
      if (filters.length === 0) window = dictionarySize(input[properties] ?? 0);
    } else {
      const filter = id === FILTER_DELTA ? undelta : BRANCH_FILTERS.get(id);
      if (filter === undefined) throw new InputError(`its filter ${id} is not known: unpack it with xz -d first`);
      const start = id === FILTER_DELTA ? (input[properties] ?? 0) + 1 : size === 4 ? le32(input, properties) : 0;
      filters.push({ filter, start });
    }
  }
  const from = output.length;
  const chunks = lzma2(input, headerEnd, output, window);
  at = chunks.end;
  // The decoder undoes them in the order opposite to the encoder's, which the header has.
  for (const { filter, start: address } of filters.reverse())
    filter(output.bytes.subarray(from, output.length), address);
  at += (4 - ((at - start) & 3)) & 3;
  // What was passed on already cannot be checked any more.
  if (check === 1 && chunks.spilt === 0 && le32(input, at) !== crc32(output.bytes, from, output.length))
    throw new InputError("its check (crc32) does not match");
  return at + CHECK_SIZES[check]!;
}

/** The size of the dictionary by its code (3.2 of the specification of LZMA2 in .xz): nothing further back is copied. */
function dictionarySize(code: number): number {
  return (2 | (code & 1)) * 2 ** ((code >> 1) + 11);
}

/**
 * Chunks: a control byte, sizes, bytes. Returns where they end.
 * @param window bytes that chunks copy from; what is older may be passed on
 */
function lzma2(input: Uint8Array, start: number, output: Output, window: number): { end: number; spilt: number } {
  const decoder = new Lzma(input, output);
  let at = start;
  let begun = false;
  let spilt = 0;
  for (;;) {
    const moved = window === Number.POSITIVE_INFINITY ? 0 : output.spill(Math.min(window, MAX_DICTIONARY));
    decoder.moved(moved);
    spilt += moved;
    const control = input[at++];
    if (control === undefined) throw new InputError("it is cut short");
    if (control === 0) return { end: at, spilt };
    if (control < 0x80) {
      if (control > 2) throw new InputError("a chunk makes no sense");
      const size = ((input[at]! << 8) | input[at + 1]!) + 1;
      at += 2;
      if (at + size > input.length) throw new InputError("it is cut short");
      if (control === 1) decoder.resetDictionary();
      output.append(input.subarray(at, at + size));
      at += size;
      continue;
    }
    if (at + 5 > input.length) throw new InputError("it is cut short");
    const size = (((control & 31) << 16) | (input[at]! << 8) | input[at + 1]!) + 1;
    const packed = ((input[at + 2]! << 8) | input[at + 3]!) + 1;
    at += 4;
    const reset = (control >> 5) & 3;
    if (reset === 3) decoder.resetDictionary();
    if (reset >= 2) decoder.setProperties(input[at++]!);
    else if (!begun) throw new InputError("a chunk has no properties");
    else if (reset === 1) decoder.resetState();
    begun = true;
    if (at + packed > input.length) throw new InputError("it is cut short");
    output.reserve(size);
    decoder.start(at);
    decoder.decode(size);
    at += packed;
    if (decoder.position !== at) throw new InputError("a chunk is damaged");
  }
}

/** The index (its records are not needed) and the footer, whose size of the index says where it ends. */
function afterIndex(input: Uint8Array, start: number): number {
  let at = start + 1;
  const skip = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = input[at++];
      if (byte === undefined) throw new InputError("it is cut short");
      value += (byte & 0x7f) * scale;
      if ((byte & 0x80) === 0) return value;
    }
  };
  for (let left = skip() * 2; left > 0; left--) skip();
  at += (4 - ((at - start) & 3)) & 3;
  return at + 4 + HEADER_SIZE;
}

function le32(b: Uint8Array, i: number): number {
  return (b[i]! | (b[i + 1]! << 8) | (b[i + 2]! << 16) | (b[i + 3]! << 24)) >>> 0;
}
