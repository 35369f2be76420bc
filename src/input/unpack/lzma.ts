import { InputError } from "../../ground/errors.js";
import type { Output } from "./output.js";

/**
 * LZMA (the LZMA SDK's public specification): a range coder over adaptive bits. The output is the dictionary. The same
 * decoder serves .lzma files and the chunks of LZMA2.
 */

const STATES = 12;
/** Where each model's probabilities lie in one array. */
const IS_MATCH = 0;
const IS_REP = IS_MATCH + (STATES << 4);
const IS_REP_G0 = IS_REP + STATES;
const IS_REP_G1 = IS_REP_G0 + STATES;
const IS_REP_G2 = IS_REP_G1 + STATES;
const IS_REP0_LONG = IS_REP_G2 + STATES;
const POS_SLOT = IS_REP0_LONG + (STATES << 4);
const POS_SPECIAL = POS_SLOT + 4 * 64;
const ALIGN = POS_SPECIAL + 115;
const LENGTH = ALIGN + 16;
const LENGTH_SIZE = 2 + 16 * 8 + 16 * 8 + 256;
const REP_LENGTH = LENGTH + LENGTH_SIZE;
const LITERAL = REP_LENGTH + LENGTH_SIZE;

const PROBABILITY_HALF = 1024;
const MIN_MATCH = 2;
const TOP = 0x1000000;

export class Lzma {
  private probs = new Uint16Array(LITERAL);
  private lc = 0;
  private literalMask = 0;
  private posMask = 0;
  private state = 0;
  private rep0 = 0;
  private rep1 = 0;
  private rep2 = 0;
  private rep3 = 0;
  private range = 0;
  private code = 0;
  private at = 0;
  /** Whether what comes next is a match. */
  private begun = false;
  /** Of a match that the last call had no room for. */
  private left = 0;
  /** Where the dictionary begins in the output. */
  private dictionary = 0;

  private input: Uint8Array = new Uint8Array(0);

  constructor(private readonly output: Output) {}

  /** The properties byte: (pb * 5 + lp) * 9 + lc. */
  setProperties(byte: number): void {
    if (byte >= 9 * 5 * 5) throw new InputError("its LZMA properties make no sense");
    this.lc = byte % 9;
    const rest = Math.floor(byte / 9);
    this.literalMask = (1 << (rest % 5)) - 1;
    this.posMask = (1 << Math.floor(rest / 5)) - 1;
    const size = LITERAL + (0x300 << (this.lc + (rest % 5)));
    if (this.probs.length !== size) this.probs = new Uint16Array(size);
    this.resetState();
  }

  resetState(): void {
    this.probs.fill(PROBABILITY_HALF);
    this.state = 0;
    this.rep0 = this.rep1 = this.rep2 = this.rep3 = 0;
    this.left = 0;
    this.begun = false;
  }

  resetDictionary(): void {
    this.dictionary = this.output.length;
  }

  /** The output has given away so many bytes at its front. */
  moved(bytes: number): void {
    this.dictionary -= bytes;
  }

  /** Begins a range-coded stretch at a place of the input; its first byte is always 0. */
  start(input: Uint8Array, at = 0): void {
    this.input = input;
    this.range = 0xffffffff;
    this.code = 0;
    this.at = at + 1;
    for (let i = 0; i < 4; i++) this.code = ((this.code << 8) | (this.input[this.at++] ?? 0)) >>> 0;
  }

  /** Where the input goes on. */
  get position(): number {
    return this.at;
  }

  private bit(index: number): number {
    const { probs } = this;
    const p = probs[index]!;
    const bound = (this.range >>> 11) * p;
    let bit: number;
    if (this.code < bound) {
      this.range = bound;
      probs[index] = p + ((2048 - p) >>> 5);
      bit = 0;
    } else {
      this.range -= bound;
      this.code -= bound;
      probs[index] = p - (p >>> 5);
      bit = 1;
    }
    if (this.range < TOP) {
      this.range = (this.range << 8) >>> 0;
      this.code = ((this.code << 8) | (this.input[this.at++] ?? 0)) >>> 0;
    }
    return bit;
  }

  private tree(base: number, bits: number): number {
    let m = 1;
    for (let i = 0; i < bits; i++) m = (m << 1) | this.bit(base + m);
    return m - (1 << bits);
  }

  private reverseTree(base: number, bits: number): number {
    let m = 1;
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const bit = this.bit(base + m);
      m = (m << 1) | bit;
      value |= bit << i;
    }
    return value;
  }

  private direct(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i++) {
      this.range >>>= 1;
      const bit = this.code >= this.range ? 1 : 0;
      if (bit) this.code -= this.range;
      value = (value << 1) | bit;
      if (this.range < TOP) {
        this.range = (this.range << 8) >>> 0;
        this.code = ((this.code << 8) | (this.input[this.at++] ?? 0)) >>> 0;
      }
    }
    return value;
  }

  private length(base: number, posState: number): number {
    if (!this.bit(base)) return this.tree(base + 2 + posState * 8, 3);
    if (!this.bit(base + 1)) return 8 + this.tree(base + 2 + 128 + posState * 8, 3);
    return 16 + this.tree(base + 2 + 256, 8);
  }

  private distance(length: number): number {
    const slot = this.tree(POS_SLOT + Math.min(length, 3) * 64, 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = (2 | (slot & 1)) << bits;
    if (slot < 14) return base + this.reverseTree(POS_SPECIAL + base - slot, bits);
    return ((base >>> 0) + this.direct(bits - 4) * 16 + this.reverseTree(ALIGN, 4)) >>> 0;
  }

  /** The first bits of a literal behind a match, whose next byte tells what it is not: up to the bit that differs. */
  private unlike(match: number, base: number): number {
    let symbol = 1;
    for (let place = 7; place >= 0; place--) {
      const matchBit = (match >> place) & 1;
      const bit = this.bit(base + ((1 + matchBit) << 8) + symbol);
      symbol = (symbol << 1) | bit;
      if (bit !== matchBit) break;
    }
    return symbol;
  }

  /**
   * Literals up to the next match, which is begun. Most bytes of what is packed already are literals: the coder's numbers are
   * local here, which halves their time.
   */
  private literals(end: number): void {
    const { output, probs, input, dictionary, lc, literalMask, posMask, rep0 } = this;
    const { bytes } = output;
    const inputEnd = input.length + 4;
    let { range, code, at, state } = this;
    let to = output.length;
    while (to < end) {
      if (at > inputEnd) throw new InputError("it is cut short");
      const place = to - dictionary;
      const isMatch = IS_MATCH + (state << 4) + (place & posMask);
      const p = probs[isMatch]!;
      const bound = (range >>> 11) * p;
      const literal = code < bound;
      if (literal) {
        range = bound;
        probs[isMatch] = p + ((2048 - p) >>> 5);
      } else {
        range -= bound;
        code -= bound;
        probs[isMatch] = p - (p >>> 5);
      }
      if (range < TOP) {
        range = (range << 8) >>> 0;
        code = ((code << 8) | input[at++]!) >>> 0;
      }
      if (!literal) {
        this.begun = true;
        break;
      }
      const before = place > 0 ? bytes[to - 1]! : 0;
      const base = LITERAL + 0x300 * (((place & literalMask) << lc) | (before >> (8 - lc)));
      let symbol = 1;
      if (state >= 7) {
        this.range = range;
        this.code = code;
        this.at = at;
        symbol = this.unlike(bytes[to - rep0 - 1]!, base);
        ({ range, code, at } = this);
      }
      // What is packed already has bits that nobody can foretell: without branches on them.
      let r = range | 0;
      let c = code | 0;
      while (symbol < 0x100) {
        const index = base + symbol;
        const p = probs[index]!;
        const b = Math.imul(r >>> 11, p);
        const d = (c - b) | 0;
        // All ones where code < bound: what the subtraction borrows.
        const zero = ((~c & b) | ((~c | b) & d)) >> 31;
        c = (d + (b & zero)) | 0;
        r = (b & zero) | ((r - b) & ~zero);
        probs[index] = p + (((2048 & zero) - p + (31 & ~zero)) >> 5);
        symbol = (symbol << 1) + 1 + zero;
        if (r >>> 24 === 0) {
          r <<= 8;
          c = (c << 8) | input[at++]!;
        }
      }
      range = r >>> 0;
      code = c >>> 0;
      bytes[to++] = symbol & 0xff;
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
    }
    output.length = to;
    this.range = range;
    this.code = code;
    this.at = at;
    this.state = state;
  }

  /**
   * Decodes `size` bytes, for which the output has room.
   * @returns false when the stream's own end mark came first
   */
  decode(size: number): boolean {
    const { output } = this;
    const end = output.length + size;
    while (output.length < end) {
      if (this.left > 0) {
        this.copy(end);
        continue;
      }
      if (!this.begun) this.literals(end);
      if (!this.begun) break;
      this.begun = false;
      const posState = (output.length - this.dictionary) & this.posMask;
      let length: number;
      if (this.bit(IS_REP + this.state)) {
        if (output.length === this.dictionary) throw new InputError("it points before its beginning");
        if (!this.bit(IS_REP_G0 + this.state)) {
          if (!this.bit(IS_REP0_LONG + (this.state << 4) + posState)) {
            this.state = this.state < 7 ? 9 : 11;
            this.left = 1;
            continue;
          }
        } else {
          let distance: number;
          if (!this.bit(IS_REP_G1 + this.state)) distance = this.rep1;
          else {
            if (!this.bit(IS_REP_G2 + this.state)) distance = this.rep2;
            else {
              distance = this.rep3;
              this.rep3 = this.rep2;
            }
            this.rep2 = this.rep1;
          }
          this.rep1 = this.rep0;
          this.rep0 = distance;
        }
        length = this.length(REP_LENGTH, posState);
        this.state = this.state < 7 ? 8 : 11;
      } else {
        this.rep3 = this.rep2;
        this.rep2 = this.rep1;
        this.rep1 = this.rep0;
        length = this.length(LENGTH, posState);
        this.state = this.state < 7 ? 7 : 10;
        this.rep0 = this.distance(length);
        if (this.rep0 === 0xffffffff) return false;
      }
      this.left = length + MIN_MATCH;
    }
    return true;
  }

  private copy(end: number): void {
    const { output } = this;
    const from = output.length - this.rep0 - 1;
    if (from < this.dictionary || from < 0) throw new InputError("it points before its beginning");
    const size = Math.min(this.left, end - output.length);
    const { bytes } = output;
    let to = output.length;
    for (let i = 0; i < size; i++) bytes[to++] = bytes[from + i]!;
    output.length = to;
    this.left -= size;
  }
}

/** Decoded at once of a stream that does not say how long it is. */
const PIECE = 1024 * 1024;

/** A .lzma file: properties, dictionary size (u32), size (u64, all ones: until the end mark), then one stretch. */
export function unlzma(input: Uint8Array, output: Output): void {
  if (input.length < 18) throw new InputError("it is cut short");
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  const size = view.getBigUint64(5, true);
  const decoder = new Lzma(output);
  decoder.setProperties(input[0]!);
  decoder.start(input, 13);
  const known = size !== 0xffffffffffffffffn;
  let left = known ? Number(size) : Number.POSITIVE_INFINITY;
  while (left > 0) {
    const piece = Math.min(left, PIECE);
    output.reserve(piece);
    if (!decoder.decode(piece)) break;
    left -= piece;
  }
}
