import { InputError } from "../../ground/errors.js";
import { crcOfBlock, crcOfFile } from "./bzip2-crc.js";
import type { Output } from "./output.js";

/** bzip2: blocks of up to 900 kB; runs, Burrows-Wheeler transform, move to front, Huffman codes in groups of 50. */

const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;
const GROUP = 50;
const MAX_BITS = 20;

class Bits {
  private at: number;
  private held = 0;
  private count = 0;

  constructor(
    private readonly input: Uint8Array,
    start: number,
  ) {
    this.at = start;
  }

  /** Up to 24 bits. */
  read(n: number): number {
    while (this.count < n) {
      if (this.at >= this.input.length) throw new InputError("it is cut short");
      this.held = ((this.held & 0xffffff) << 8) | this.input[this.at++]!;
      this.count += 8;
    }
    this.count -= n;
    return (this.held >>> this.count) & ((1 << n) - 1);
  }

  bit(): number {
    return this.read(1);
  }
}

interface Code {
  /** Per length: the first code above all of that length, and what to add to a code for its place in `symbols`. */
  readonly limit: Int32Array;
  readonly base: Int32Array;
  readonly symbols: Uint16Array;
}

function codeOf(lengths: Uint8Array): Code {
  const limit = new Int32Array(MAX_BITS + 2).fill(-1);
  const base = new Int32Array(MAX_BITS + 2);
  const symbols = new Uint16Array(lengths.length);
  let code = 0;
  let place = 0;
  for (let n = 1; n <= MAX_BITS; n++) {
    base[n] = place - code;
    for (let i = 0; i < lengths.length; i++)
      if (lengths[i] === n) {
        symbols[place++] = i;
        code++;
      }
    limit[n] = code;
    code <<= 1;
  }
  return { limit, base, symbols };
}

function symbol(bits: Bits, { limit, base, symbols }: Code): number {
  let code = 0;
  for (let n = 1; n <= MAX_BITS; n++) {
    code = (code << 1) | bits.bit();
    if (code < limit[n]!) return symbols[code + base[n]!] ?? 0;
  }
  throw new InputError("a code makes no sense");
}

export function unbzip2(input: Uint8Array, output: Output): void {
  const level = input[3]! - 48;
  if (!(level >= 1 && level <= 9)) throw new InputError("its header makes no sense");
  const bits = new Bits(input, 4);
  const size = level * 100_000;
  const words = new Uint32Array(size);
  for (let sum = 0; ; ) {
    const magic = bits.read(24) * 0x1000000 + bits.read(24);
    const stated = bits.read(16) * 0x10000 + bits.read(16);
    if (magic === END_MAGIC) {
      if (stated !== sum) throw new InputError("its check (crc32) does not match");
      return;
    }
    if (magic !== BLOCK_MAGIC) throw new InputError("a block makes no sense");
    const from = output.length;
    block(bits, words, output);
    const found = crcOfBlock(output.bytes, from, output.length);
    if (stated !== found) throw new InputError("a block's check (crc32) does not match");
    sum = crcOfFile(sum, found);
  }
}

/** What a block says before its symbols. */
interface BlockHead {
  /** Where the first byte stands among the sorted ones. */
  readonly origin: number;
  /** The bytes that occur. */
  readonly alphabet: readonly number[];
  /** Which of the codes each group of symbols has. */
  readonly selectors: Uint8Array;
  readonly codes: readonly Code[];
}

function block(bits: Bits, words: Uint32Array, output: Output): void {
  const head = readHead(bits);
  const { count, counts } = readBytes(bits, head, words);
  if (head.origin >= count) throw new InputError("a block makes no sense");
  chain(words, count, counts);
  writeRuns(words, { origin: head.origin, count }, output);
}

function readHead(bits: Bits): BlockHead {
  if (bits.bit()) throw new InputError("a block is of the old, randomised kind");
  const origin = bits.read(24);
  const alphabet = readAlphabet(bits);
  const tables = bits.read(3);
  const selectorCount = bits.read(15);
  if (tables < 2 || tables > 6 || selectorCount === 0 || alphabet.length === 0)
    throw new InputError("a block makes no sense");
  const selectors = readSelectors(bits, selectorCount, tables);
  // Two symbols are runs' lengths, one is the end; the first of the alphabet has none.
  const codes = Array.from({ length: tables }, () => codeOf(readLengths(bits, alphabet.length + 2)));
  return { origin, alphabet, selectors, codes };
}

function readAlphabet(bits: Bits): number[] {
  const alphabet: number[] = [];
  const used = bits.read(16);
  for (let i = 0; i < 16; i++)
    if (used & (0x8000 >> i)) {
      const row = bits.read(16);
      for (let k = 0; k < 16; k++) if (row & (0x8000 >> k)) alphabet.push(i * 16 + k);
    }
  return alphabet;
}

function readSelectors(bits: Bits, count: number, tables: number): Uint8Array {
  const selectors = new Uint8Array(count);
  const order = [0, 1, 2, 3, 4, 5].slice(0, tables);
  for (let i = 0; i < count; i++) {
    let n = 0;
    while (bits.bit()) if (++n >= tables) throw new InputError("a block makes no sense");
    selectors[i] = toFront(order, n);
  }
  return selectors;
}

/** Of each symbol's code. */
function readLengths(bits: Bits, symbols: number): Uint8Array {
  const lengths = new Uint8Array(symbols);
  let length = bits.read(5);
  for (let i = 0; i < symbols; i++) {
    while (bits.bit()) length += bits.bit() ? -1 : 1;
    if (length < 1 || length > MAX_BITS) throw new InputError("a code makes no sense");
    lengths[i] = length;
  }
  return lengths;
}

function toFront(list: number[], place: number): number {
  const [picked] = list.splice(place, 1);
  list.unshift(picked!);
  return picked!;
}

/**
 * The sorted bytes of a block, one in each word.
 * @returns how many there are, and how many of each
 */
function readBytes(bits: Bits, { alphabet, selectors, codes }: BlockHead, words: Uint32Array) {
  const counts = new Uint32Array(256);
  const front = alphabet.slice();
  const endOfBlock = alphabet.length + 1;
  let count = 0;
  let run = 0;
  let runBit = 1;
  const put = (byte: number, times: number): void => {
    if (count + times > words.length) throw new InputError("a block is too long");
    counts[byte]! += times;
    for (const end = count + times; count < end; count++) words[count] = byte;
  };
  for (let group = 0, left = 0, code = codes[0]!; ; left--) {
    if (left === 0) {
      if (group >= selectors.length) throw new InputError("a block makes no sense");
      code = codes[selectors[group++]!]!;
      left = GROUP;
    }
    const s = symbol(bits, code);
    if (s <= 1) {
      run += runBit << s;
      runBit *= 2;
      if (run > words.length) throw new InputError("a block is too long");
      continue;
    }
    put(front[0]!, run);
    run = 0;
    runBit = 1;
    if (s === endOfBlock) return { count, counts };
    put(toFront(front, s - 1), 1);
  }
}

/** Each word's high bits become the place of the byte that follows. */
function chain(words: Uint32Array, count: number, counts: Uint32Array): void {
  let sum = 0;
  for (let i = 0; i < 256; i++) {
    const n = counts[i]!;
    counts[i] = sum;
    sum += n;
  }
  for (let i = 0; i < count; i++) words[counts[words[i]! & 0xff]!++]! |= i << 8;
}

/** Four equal bytes are followed by how often more they are repeated. */
function writeRuns(
  words: Uint32Array,
  { origin, count }: { readonly origin: number; readonly count: number },
  output: Output,
): void {
  let at = words[origin]! >>> 8;
  let same = 0;
  let last = -1;
  for (let i = 0; i < count; i++) {
    const word = words[at]!;
    const byte = word & 0xff;
    at = word >>> 8;
    if (same === 4) {
      output.reserve(byte);
      output.bytes.fill(last, output.length, output.length + byte);
      output.length += byte;
      same = 0;
      last = -1;
      continue;
    }
    same = byte === last ? same + 1 : 1;
    last = byte;
    output.reserve(1);
    output.bytes[output.length++] = byte;
  }
}
