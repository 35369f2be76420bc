import { type Abi, alignUp } from "../../ground/abi.js";
import { Bytes } from "../../ground/bytes.js";
import { MAX_KERNEL_SYMBOLS } from "../../ground/limits.js";

/**
 * The tables that scripts/kallsyms.c writes into .rodata: how many symbols, their packed names, a marker every 256
 * names, the tokens that names are packed by, and an offset a symbol. They are found by the tokens "0" to "9", which
 * stand for themselves. The same from 6.12 to 7.3, but for alignment and the meaning of the offsets.
 */
export interface KallsymsTables {
  readonly count: number;
  /** Where in the file each name's length stands, and where the last name ends. */
  readonly starts: Uint32Array;
  /** Place of the table in the file. */
  readonly offsets: number;
  /** Text of each token: start and length in the file. */
  readonly tokenStart: Uint32Array;
  readonly tokenLength: Uint8Array;
  readonly meaning: OffsetMeaning;
}

/** What offsets[i] says. */
export type OffsetMeaning =
  /** The address, from a base; the base is the word behind the offsets. */
  | { readonly kind: "base"; readonly base: bigint }
  /** x86's CONFIG_KALLSYMS_ABSOLUTE_PERCPU: not negative, it is the address; negative, base - 1 - it. */
  | { readonly kind: "absolute-percpu"; readonly base: bigint }
  /** The address: 32-bit machines that are not relocated. */
  | { readonly kind: "absolute" }
  /** From the address of the offset itself (since 7.0). */
  | { readonly kind: "self" };

const TOKENS = 256;
const FIRST_DIGIT = 0x30;
const GROUP = 256;
/** Tokens are pieces of names; all of them together stay below this. */
const MAX_TOKEN_TABLE = 64 * 1024;
const DIGITS = Uint8Array.from([0, ...[..."0123456789"].flatMap((digit) => [digit.charCodeAt(0), 0])]);

/** Looks for the tables in a kernel of this byte order and word size. */
export function findKallsyms(bytes: Uint8Array, abi: Abi): KallsymsTables | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const file = new Bytes(bytes, abi);
  for (let at = buffer.indexOf(DIGITS); at >= 0; at = buffer.indexOf(DIGITS, at + 1)) {
    const found = tablesAt(file, at + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function tablesAt(file: Bytes, digits: number): KallsymsTables | undefined {
  const bytes = file.u8;
  let end = digits;
  for (let i = FIRST_DIGIT; i < TOKENS; i++) {
    const nul = bytes.indexOf(0, end);
    if (nul < 0 || nul - digits > MAX_TOKEN_TABLE) return undefined;
    end = nul + 1;
  }
  const tokens = tokenTable(file, digits, end);
  if (tokens === undefined) return undefined;
  const marks = markersBefore(file, tokens.start);
  if (marks === undefined) return undefined;
  const tokenLength = new Uint8Array(TOKENS);
  for (let i = 0; i < TOKENS; i++) {
    const length = bytes.indexOf(0, tokens.places[i]!) - tokens.places[i]!;
    if (length > 255) return undefined;
    tokenLength[i] = length;
  }
  const names = namesBefore(file, marks);
  if (names === undefined) return undefined;
  const count = names.length - 1;
  const offsets = offsetsBehind(file, tokens.indexEnd, count);
  if (offsets === undefined) return undefined;
  return {
    count,
    starts: names,
    tokenStart: tokens.places,
    tokenLength,
    offsets: offsets.start,
    meaning: offsets.meaning,
  };
}

/** The index behind the tokens (u16 each) says where each token begins; the digit's tells where the table does. */
function tokenTable(
  { u8: bytes, view, abi: { littleEndian } }: Bytes,
  digits: number,
  end: number,
): { readonly start: number; readonly indexEnd: number; readonly places: Uint32Array } | undefined {
  for (const alignment of [8, 4, 2]) {
    const index = alignUp(end, alignment);
    if (index + 2 * TOKENS > bytes.length || view.getUint16(index, littleEndian) !== 0) continue;
    const start = digits - view.getUint16(index + 2 * FIRST_DIGIT, littleEndian);
    if (start < 0) continue;
    const places = new Uint32Array(TOKENS);
    let next = start;
    let fits = true;
    for (let i = 0; i < TOKENS && fits; i++) {
      places[i] = start + view.getUint16(index + 2 * i, littleEndian);
      fits = places[i] === next;
      next = bytes.indexOf(0, next) + 1;
      fits &&= next > 0;
    }
    if (fits && next === end) return { start, indexEnd: index + 2 * TOKENS, places };
  }
  return undefined;
}

/** Markers end right before the tokens, but for a word's padding; the first is 0, and they rise. */
function markersBefore(
  { view, abi: { littleEndian } }: Bytes,
  tokens: number,
): { readonly start: number; readonly count: number; readonly last: number } | undefined {
  for (const padding of [0, 4]) {
    const end = tokens - padding - ((tokens - padding) % 4);
    let at = end - 4;
    if (at < 0) continue;
    const last = view.getUint32(at, littleEndian);
    if (last === 0 || last >= at) continue;
    for (let value = last; value !== 0; ) {
      at -= 4;
      if (at < 0) return undefined;
      const before = view.getUint32(at, littleEndian);
      if (before >= value) return undefined;
      value = before;
    }
    return { start: at, count: (end - at) / 4, last };
  }
  return undefined;
}

/** The names: their last group ends before the markers, and the number of symbols stands in front of them. */
function namesBefore(
  file: Bytes,
  markers: { readonly start: number; readonly count: number; readonly last: number },
): Uint32Array | undefined {
  const { view, abi } = file;
  const latest = markers.start - markers.last;
  // A name takes at most 2 + 512 bytes.
  const earliest = Math.max(8, latest - GROUP * 514);
  for (let start = latest - (latest % 4); start >= earliest; start -= 4) {
    for (const back of [4, 8]) {
      const count = view.getUint32(start - back, abi.littleEndian);
      if (Math.ceil(count / GROUP) !== markers.count || count > MAX_KERNEL_SYMBOLS) continue;
      const starts = walkNames(file, start, count, markers.start);
      if (starts !== undefined) return starts;
    }
  }
  return undefined;
}

/** Where each name stands; undefined unless every group of them begins where its marker says. */
function walkNames(
  { u8: bytes, view, abi }: Bytes,
  start: number,
  count: number,
  markers: number,
): Uint32Array | undefined {
  const starts = new Uint32Array(count + 1);
  let at = start;
  for (let i = 0; i < count; i++) {
    if (i % GROUP === 0 && at - start !== view.getUint32(markers + (i / GROUP) * 4, abi.littleEndian)) return undefined;
    starts[i] = at;
    let length = bytes[at++]!;
    if (length & 0x80) length = (length & 0x7f) | (bytes[at++]! << 7);
    if (length === 0) return undefined;
    at += length;
    if (at > markers) return undefined;
  }
  starts[count] = at;
  return starts;
}

/** The order of the symbols, which is that of their addresses, tells what the offsets mean. */
function offsetsBehind(
  file: Bytes,
  indexEnd: number,
  count: number,
): { readonly start: number; readonly meaning: OffsetMeaning } | undefined {
  const { view, abi } = file;
  const { littleEndian, longSize } = abi;
  for (const start of new Set([alignUp(indexEnd, 4), alignUp(indexEnd, longSize)])) {
    const end = start + 4 * count;
    if (end > view.byteLength) continue;
    const baseAt = alignUp(end, longSize);
    const base = baseAt + longSize > view.byteLength ? 0n : file.long(baseAt);
    let rises = true;
    let percpu = true;
    let self = true;
    let negative = false;
    let last = -1;
    let lastSigned = -1;
    let lastSelf = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < count && (rises || percpu || self); i++) {
      const value = view.getUint32(start + 4 * i, littleEndian);
      const signed = value | 0;
      rises &&= value >= last;
      last = value;
      // As an address: those below 0 lie above all others.
      if (signed < 0) {
        percpu &&= !negative || signed <= lastSigned;
        negative = true;
      } else percpu &&= !negative && signed >= lastSigned;
      lastSigned = signed;
      self &&= signed + 4 * i >= lastSelf;
      lastSelf = signed + 4 * i;
    }
    if (rises && longSize === 4 && view.getUint32(start, littleEndian) >= 0x40000000)
      return { start, meaning: { kind: "absolute" } };
    if (rises) return { start, meaning: { kind: "base", base } };
    if (percpu && negative) return { start, meaning: { kind: "absolute-percpu", base } };
    if (self) return { start, meaning: { kind: "self" } };
  }
  return undefined;
}
