import type { Image } from "../../../src/image/image.js";
import type { Dice } from "./dice.js";

/** What is damaged: an image's bytes, which are changed or given anew; where its sub-buffers lie; other images. */
export interface Memory {
  readonly bytes: Uint8Array;
  readonly image: Image;
  readonly others: readonly Uint8Array[];
}

type Damage = (memory: Memory, dice: Dice) => Uint8Array;

const LINE = 64;
const PAGE = 4096;
/** Text that a boot loader leaves. */
const BANNER = Buffer.from("UEFI firmware v2.70 loading initrd... ");

/** What becomes of memory between two boots, and of a file on its way: each of them as it happens, over a whole image. */
export const DAMAGES: readonly Damage[] = [
  linesExchanged,
  linesOfAnotherMoment,
  linesRepeated,
  linesCleared,
  decayed,
  laneStuck,
  addressStuck,
  pagesCopied,
  pagesExchanged,
  overwritten,
  cleared,
  bytesSwapped,
  anotherInside,
  shifted,
  resized,
];

/** A sub-buffer, usually one with events. */
function subbufOf({ image }: Memory, dice: Dice): { readonly at: number; readonly size: number } {
  const { subbufSize: size, nrSubbufs } = image.layout.geometry;
  const cpu = dice.of(image.cpus);
  const id = cpu.live.length > 0 && dice.chance(0.9) ? dice.of(cpu.live) : dice.below(nrSubbufs);
  return { at: cpu.subbufsOffset + cpu.indexById[id]! * size, size };
}

function lineOf(memory: Memory, dice: Dice): number {
  const { at, size } = subbufOf(memory, dice);
  return at + LINE * dice.below(size / LINE);
}

function exchange(bytes: Uint8Array, a: number, b: number, length: number): void {
  const kept = bytes.slice(a, a + length);
  bytes.copyWithin(a, b, b + length);
  bytes.set(kept, b);
}

function linesExchanged(memory: Memory, dice: Dice): Uint8Array {
  for (let i = 0; i < 12; i++) exchange(memory.bytes, lineOf(memory, dice), lineOf(memory, dice), LINE);
  return memory.bytes;
}

/** Lines that hold what another sub-buffer has at the same place. */
function linesOfAnotherMoment(memory: Memory, dice: Dice): Uint8Array {
  const { bytes } = memory;
  for (let i = dice.of([1, 4, 16, 64]); i > 0; i--) {
    const [from, to] = [subbufOf(memory, dice), subbufOf(memory, dice)];
    const line = LINE * dice.below(from.size / LINE);
    bytes.copyWithin(to.at + line, from.at + line, from.at + line + LINE);
  }
  return bytes;
}

function linesRepeated(memory: Memory, dice: Dice): Uint8Array {
  for (let i = 1 + dice.below(12); i > 0; i--) {
    const line = lineOf(memory, dice);
    memory.bytes.copyWithin(line + LINE, line, line + LINE);
  }
  return memory.bytes;
}

/** As memory that corrects errors gives lines that it cannot correct. */
function linesCleared(memory: Memory, dice: Dice): Uint8Array {
  for (let i = dice.of([1, 4, 16, 64, 256]); i > 0; i--) {
    const line = lineOf(memory, dice);
    memory.bytes.fill(dice.of([0, 0, 0, 0xff]), line, line + LINE);
  }
  return memory.bytes;
}

/** Without refresh bits go to the value of their row's cells: stripes of zeros and of ones. */
function decayed({ bytes }: Memory, dice: Dice): Uint8Array {
  const stripe = dice.of([256, 1024, PAGE, 2 * PAGE]);
  const every = dice.of([2, 4, 8, 64]);
  const bits = Math.ceil(stripe * 8 * dice.of([1e-5, 1e-4, 1e-3, 1e-2]));
  for (let from = stripe * dice.below(every); from < bytes.length; from += stripe * every) {
    const isSet = dice.chance(0.5);
    for (let i = 0; i < bits; i++) setBit(bytes, from + dice.below(stripe), dice.below(8), isSet);
  }
  return bytes;
}

/** One data line of eight bytes' is stuck. */
function laneStuck({ bytes }: Memory, dice: Dice): Uint8Array {
  const [lane, bit, isSet] = [dice.below(8), dice.below(8), dice.chance(0.5)];
  const from = PAGE * dice.below(bytes.length / PAGE);
  const to = from + dice.of([512, PAGE, 4 * PAGE, bytes.length]);
  for (let at = from + lane; at < Math.min(to, bytes.length); at += 8) setBit(bytes, at, bit, isSet);
  return bytes;
}

function setBit(bytes: Uint8Array, at: number, bit: number, isSet: boolean): void {
  if (isSet) bytes[at]! |= 1 << bit;
  else bytes[at]! &= ~(1 << bit);
}

/** A stuck address line: what has a bit of its address shows what has it not, always or now and then. */
function addressStuck({ bytes }: Memory, dice: Dice): Uint8Array {
  const unit = dice.of([LINE, PAGE]);
  const bit = unit << dice.below(unit === LINE ? 6 : Math.max(1, Math.floor(Math.log2(bytes.length / PAGE))));
  const [isSet, share] = [dice.chance(0.5), dice.of([0.01, 0.1, 1])];
  const sound = bytes.slice();
  for (let at = 0; at + unit <= bytes.length; at += unit) {
    const shown = isSet ? at | bit : at & ~bit;
    if (shown + unit <= bytes.length && dice.chance(share)) bytes.set(sound.subarray(shown, shown + unit), at);
  }
  return bytes;
}

function pagesCopied(memory: Memory, dice: Dice): Uint8Array {
  for (let i = 1 + dice.below(8); i > 0; i--) {
    const { at, size } = subbufOf(memory, dice);
    memory.bytes.copyWithin(subbufOf(memory, dice).at, at, at + size);
  }
  return memory.bytes;
}

function pagesExchanged(memory: Memory, dice: Dice): Uint8Array {
  for (let i = 1 + dice.below(8); i > 0; i--) {
    const { at, size } = subbufOf(memory, dice);
    exchange(memory.bytes, at, subbufOf(memory, dice).at, size);
  }
  return memory.bytes;
}

/** By firmware: from the beginning or from any page on. */
function overwritten({ bytes }: Memory, dice: Dice): Uint8Array {
  const from = dice.chance(0.5) ? 0 : PAGE * dice.below(bytes.length / PAGE);
  const to = Math.min(bytes.length, from + dice.of([512, PAGE, 4 * PAGE, 16 * PAGE, 16 * PAGE + 512]));
  const what = dice.of(["noise", "text", "ones", "mask"]);
  for (let at = from; at < to; at++) {
    if (what === "noise") bytes[at] = dice.below(256);
    else if (what === "text") bytes[at] = BANNER[at % BANNER.length]!;
    else if (what === "ones") bytes[at] = 0xff;
    else bytes[at]! ^= 0x5a;
  }
  return bytes;
}

/** Half of it: the first, the second, or every other page. */
function cleared({ bytes }: Memory, dice: Dice): Uint8Array {
  const half = PAGE * Math.floor(bytes.length / 2 / PAGE);
  const stretch = dice.of([half, PAGE]);
  for (let at = dice.chance(0.5) ? 0 : stretch; at < bytes.length; at += 2 * stretch) bytes.fill(0, at, at + stretch);
  return bytes;
}

function bytesSwapped({ bytes }: Memory, dice: Dice): Uint8Array {
  const width = dice.of([2, 4, 8]);
  const isAll = dice.chance(0.3);
  const from = isAll ? 0 : PAGE * dice.below(bytes.length / PAGE);
  const to = isAll ? bytes.length : Math.min(bytes.length, from + PAGE * (1 + dice.below(4)));
  for (let at = from; at + width <= to; at += width) bytes.subarray(at, at + width).reverse();
  return bytes;
}

function anotherInside({ bytes, others }: Memory, dice: Dice): Uint8Array {
  const unit = dice.of([PAGE, LINE, 4]);
  const at = unit * dice.below(bytes.length / unit);
  bytes.set(dice.of(others).subarray(0, bytes.length - at), at);
  return bytes;
}

/** What follows a place in a sub-buffer lies a little before or behind it. */
function shifted(memory: Memory, dice: Dice): Uint8Array {
  const { bytes } = memory;
  const { at, size } = subbufOf(memory, dice);
  const by = dice.of([4, 8, 16, 64, 128]);
  const from = at + 4 * dice.below((size - by) / 4);
  if (dice.chance(0.5)) bytes.copyWithin(from, from + by, at + size);
  else bytes.copyWithin(from + by, from, at + size - by);
  return bytes;
}

/** Cut off in front or behind, with bytes in front of it, or twice. */
function resized({ bytes }: Memory, dice: Dice): Uint8Array {
  const by = dice.of([1, 7, LINE, 512, PAGE, 2 * PAGE, dice.below(bytes.length)]);
  return dice.of([
    () => bytes.slice(0, bytes.length - by),
    () => bytes.slice(by),
    () => new Uint8Array(Buffer.concat([new Uint8Array(by), bytes])),
    () => new Uint8Array(Buffer.concat([bytes, bytes])),
  ])();
}
