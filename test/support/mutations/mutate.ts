import type { Dice } from "./dice.js";

/** Numbers at which programs go wrong: the ends of their widths, and what is just beside them. */
const NUMBERS = [0, 1, 2, 3, 4, 7, 8, 0x1d, 0x1e, 0x1f, 0x20, 0x7f, 0x80, 0xff, 0xffc, 0xff0, 0x1000, 0xffff, 0x10000]
  .concat([0x7ffffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffffc, 0xfffffffe, 0xffffffff])
  .map(BigInt)
  .concat([1n << 32n, 1n << 53n, (1n << 59n) - 1n, 1n << 62n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n]);
const LENGTHS = [1, 1, 2, 4, 8, 16, 64, 64, 256, 512, 4096];

/** A stretch of bytes that hits matter most in, by how many of the hits go there. */
export type Aim = (dice: Dice) => number;

/**
 * Damages bytes in one to some places: single bits and bytes, numbers, words that changed places, stretches that are zeros,
 * ones, or another's; now and then bytes are missing, or there are too many.
 * @param aim where to hit; anywhere if left out
 */
export function mutated(bytes: Uint8Array, dice: Dice, aim: Aim = (d) => d.below(bytes.length)): Uint8Array {
  // slice() of a Buffer is no copy.
  let result = new Uint8Array(bytes);
  const places = dice.chance(0.5) ? 1 : 1 + dice.below(8);
  for (let i = 0; i < places; i++) hit(result, dice, aim);
  if (dice.chance(0.06)) result = resized(result, dice);
  return result;
}

function hit(bytes: Uint8Array, dice: Dice, aim: Aim): void {
  if (bytes.length === 0) return;
  const at = Math.min(aim(dice), bytes.length - 1);
  switch (dice.below(8)) {
    case 0:
      bytes[at]! ^= 1 << dice.below(8);
      break;
    case 1:
      bytes[at] = dice.below(256);
      break;
    case 2:
    case 3:
      write(bytes, at, dice);
      break;
    case 4:
      exchange(bytes, at, aim(dice), dice.of([2, 4, 8, 64, 4096]));
      break;
    case 5:
      bytes.fill(dice.of([0, 0, 0xff, 0xa5]), at, at + dice.of(LENGTHS));
      break;
    case 6: {
      const length = dice.of(LENGTHS);
      const from = dice.below(bytes.length);
      bytes.copyWithin(at, from, Math.min(from + length, bytes.length));
      break;
    }
    default:
      for (let i = at; i < Math.min(at + dice.of([4, 8, 64]), bytes.length); i++) bytes[i] = dice.below(256);
  }
}

function write(bytes: Uint8Array, at: number, dice: Dice): void {
  const width = dice.of([2, 4, 4, 8, 8]);
  const from = dice.chance(0.9) ? at - (at % Math.min(width, 4)) : at;
  const little = dice.chance(0.7);
  const value = dice.chance(0.8) ? dice.of(NUMBERS) : BigInt(dice.below(2 ** 32));
  for (let i = 0; i < width && from + i < bytes.length; i++)
    bytes[from + i] = Number((value >> BigInt(8 * (little ? i : width - 1 - i))) & 255n);
}

function exchange(bytes: Uint8Array, a: number, b: number, length: number): void {
  const [x, y] = [a - (a % length), b - (b % length)];
  if (Math.max(x, y) + length > bytes.length) return;
  const kept = bytes.slice(x, x + length);
  bytes.copyWithin(x, y, y + length);
  bytes.set(kept, y);
}

function resized(bytes: Uint8Array, dice: Dice): Uint8Array<ArrayBuffer> {
  const at = dice.below(bytes.length + 1);
  const length = Math.min(dice.of(LENGTHS), bytes.length - at);
  switch (dice.below(3)) {
    case 0:
      return bytes.slice(0, at);
    case 1:
      return joined(bytes.subarray(0, at), bytes.subarray(at + length));
    default:
      return joined(bytes.subarray(0, at + length), bytes.subarray(at));
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(a.length + b.length);
  result.set(a);
  result.set(b, a.length);
  return result;
}

/** Text whose pieces were cut out, said twice, exchanged, or written anew. @param words what is put in */
export function mutatedText(text: string, dice: Dice, words: readonly string[]): string {
  let result = text;
  const places = 1 + dice.below(4);
  for (let i = 0; i < places; i++) {
    const at = dice.below(result.length + 1);
    const to = Math.min(result.length, at + dice.of([0, 1, 1, 2, 4, 8, 30]));
    const between = dice.of([
      "",
      dice.of(words),
      dice.of(words),
      result.slice(at, to).repeat(1 + dice.below(3)),
      String.fromCharCode(dice.below(dice.chance(0.7) ? 128 : 256)),
      String(dice.of(NUMBERS) - (dice.chance(0.3) ? 1n << 63n : 0n)),
    ]);
    result = result.slice(0, at) + between + result.slice(to);
  }
  return result;
}
