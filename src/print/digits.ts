import { big, bigS } from "./number.js";

/**
 * Digits of numbers, written to a view at a place: each returns where they end. Nothing is allocated, and several bytes are
 * written at once: up to seven of them come to lie behind the end, where what follows is written.
 */

/** The two hex digits of each byte, as they lie in memory. */
const HEX2 = new Uint16Array(256);
/** The two decimal digits of each number below 100. */
const DEC2 = new Uint16Array(100);
for (let i = 0; i < 256; i++) HEX2[i] = pair(i.toString(16).padStart(2, "0"));
for (let i = 0; i < 100; i++) DEC2[i] = pair(String(i).padStart(2, "0"));

function pair(text: string): number {
  return text.charCodeAt(0) | (text.charCodeAt(1) << 8);
}

// The number comes first: generated code computes it before it looks where it stands.

const TWO32 = 4294967296;
const ZERO = 48;
const MINUS = 45;

/** A whole number within 2^53. */
export function putDec(value: number, at: number, view: DataView): number {
  if (value < 0) {
    view.setUint8(at, MINUS);
    return putDec(-value, at + 1, view);
  }
  if (value < 1e9) return putSmall(value | 0, at, view);
  const high = Math.floor(value / 1e9);
  return putNine(value - high * 1e9, putSmall(high, at, view), view);
}

/** A number below 10^9. */
function putSmall(value: number, at: number, view: DataView): number {
  if (value < 10) {
    view.setUint8(at, ZERO + value);
    return at + 1;
  }
  if (value < 100) {
    view.setUint16(at, DEC2[value]!, true);
    return at + 2;
  }
  if (value < 10000) {
    const high = (value / 100) | 0;
    const low = DEC2[value - high * 100]!;
    if (value < 1000) {
      view.setUint32(at, (ZERO + high) | (low << 8), true);
      return at + 3;
    }
    view.setUint32(at, DEC2[high]! | (low << 16), true);
    return at + 4;
  }
  const high = (value / 10000) | 0;
  return putFour(value - high * 10000, putSmall(high, at, view), view);
}

/** Four digits of a number below 10^4. */
function putFour(value: number, at: number, view: DataView): number {
  const high = (value / 100) | 0;
  view.setUint32(at, DEC2[high]! | (DEC2[value - high * 100]! << 16), true);
  return at + 4;
}

/** Six digits of a number below 10^6. */
export function putSix(value: number, at: number, view: DataView): number {
  const whole = value | 0;
  const high = (whole / 10000) | 0;
  view.setUint16(at, DEC2[high]!, true);
  return putFour(whole - high * 10000, at + 2, view);
}

/** Nine digits of a number below 10^9. */
export function putNine(value: number, at: number, view: DataView): number {
  const whole = value | 0;
  const high = (whole / 100000000) | 0;
  const rest = whole - high * 100000000;
  const middle = (rest / 10000) | 0;
  view.setUint8(at, ZERO + high);
  return putFour(rest - middle * 10000, putFour(middle, at + 1, view), view);
}

// The halves of wide numbers may come signed (`| 0`): so no call makes a heap number of them.

/** An unsigned 64-bit number. */
export function putDec64u(hi: number, lo: number, at: number, view: DataView): number {
  if (hi === 0) return putDec(lo >>> 0, at, view);
  if (hi >>> 0 < 0x200000) return putDec((hi >>> 0) * TWO32 + (lo >>> 0), at, view);
  return putText(big(hi >>> 0, lo >>> 0).toString(), at, view);
}

/** A signed 64-bit number. */
export function putDec64s(hi: number, lo: number, at: number, view: DataView): number {
  if (hi === 0) return putDec(lo >>> 0, at, view);
  const high = hi | 0;
  if (high >= -0x200000 && high < 0x200000) return putDec(high * TWO32 + (lo >>> 0), at, view);
  return putText(bigS(hi >>> 0, lo >>> 0).toString(), at, view);
}

function putText(text: string, at: number, view: DataView): number {
  for (let i = 0; i < text.length; i++) view.setUint8(at + i, text.charCodeAt(i));
  return at + text.length;
}

/** The two hex digits of a byte. */
export function putHex2(value: number, at: number, view: DataView): number {
  view.setUint16(at, HEX2[value]!, true);
  return at + 2;
}

/** Eight hex digits. */
export function putHex8(value: number, at: number, view: DataView): number {
  view.setUint32(at, HEX2[value >>> 24]! | (HEX2[(value >>> 16) & 255]! << 16), true);
  view.setUint32(at + 4, HEX2[(value >>> 8) & 255]! | (HEX2[value & 255]! << 16), true);
  return at + 8;
}

/** Hex of a 32-bit number, no leading zeros. */
export function putHex(value: number, at: number, view: DataView): number {
  // Moved to the left, all eight digits are written; those that are none lie behind the end.
  const digits = (35 - Math.clz32(value | 1)) >> 2;
  putHex8(value << (32 - digits * 4), at, view);
  return at + digits;
}

/** Hex of a 64-bit number, no leading zeros. */
export function putHex64(hi: number, lo: number, at: number, view: DataView): number {
  return hi === 0 ? putHex(lo, at, view) : putHex8(lo, putHex(hi, at, view), view);
}
