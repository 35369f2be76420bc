import { be32 } from "./be32.js";
import { le32 } from "./le32.js";

/**
 * The branch filters of .xz (its specification, 5.3.2): the encoder has made the targets of calls absolute, so that a
 * target called often is the same bytes each time; here they become relative again. Each works in place on a whole
 * block; `start` is the address of its first byte.
 */
export type BranchFilter = (bytes: Uint8Array, start: number) => void;

function putLe32(b: Uint8Array, i: number, v: number): void {
  b[i] = v;
  b[i + 1] = v >>> 8;
  b[i + 2] = v >>> 16;
  b[i + 3] = v >>> 24;
}

function putBe32(b: Uint8Array, i: number, v: number): void {
  b[i] = v >>> 24;
  b[i + 1] = v >>> 16;
  b[i + 2] = v >>> 8;
  b[i + 3] = v;
}

const X86_ALLOWED = [true, true, true, false, true, false, false, false];
const X86_BYTE = [0, 1, 2, 2, 3, 3, 3, 3];

/** CALL and JMP (e8, e9) whose displacement's highest byte is 00 or ff, unless it may belong to an opcode just before. */
function x86(b: Uint8Array, start: number): void {
  const sign = (byte: number): boolean => byte === 0 || byte === 0xff;
  const end = b.length - 4;
  let before = -1;
  let mask = 0;
  for (let i = 0; i < end; i++) {
    if ((b[i]! & 0xfe) !== 0xe8) continue;
    const gap = i - before;
    before = i;
    if (gap > 3) mask = 0;
    else {
      mask = (mask << (gap - 1)) & 7;
      if (mask !== 0 && (!X86_ALLOWED[mask] || sign(b[i + 4 - X86_BYTE[mask]!]!))) {
        mask = (mask << 1) | 1;
        continue;
      }
    }
    if (!sign(b[i + 4]!)) {
      mask = (mask << 1) | 1;
      continue;
    }
    let source = le32(b, i + 1);
    let target: number;
    for (;;) {
      target = (source - (start + i + 5)) | 0;
      if (mask === 0) break;
      const bits = X86_BYTE[mask]! * 8;
      if (!sign((target >>> (24 - bits)) & 0xff)) break;
      source = target ^ ((1 << (32 - bits)) - 1);
    }
    putLe32(b, i + 1, target & 0x1000000 ? target | ~0x1ffffff : target & 0x1ffffff);
    i += 4;
  }
}

/** bl, unconditional. */
function arm(b: Uint8Array, start: number): void {
  for (let i = 0; i + 4 <= b.length; i += 4) {
    if (b[i + 3] !== 0xeb) continue;
    const target = ((le32(b, i) & 0xffffff) - ((start + i + 8) >>> 2)) & 0xffffff;
    putLe32(b, i, target | 0xeb000000);
  }
}

/** bl as a pair of halfwords. */
function armThumb(b: Uint8Array, start: number): void {
  for (let i = 0; i + 4 <= b.length; i += 2) {
    if ((b[i + 1]! & 0xf8) !== 0xf0 || (b[i + 3]! & 0xf8) !== 0xf8) continue;
    const source = (((b[i + 1]! & 7) << 19) | (b[i]! << 11) | ((b[i + 3]! & 7) << 8) | b[i + 2]!) << 1;
    const target = (source - (start + i + 4)) >> 1;
    b[i + 1] = 0xf0 | ((target >>> 19) & 7);
    b[i] = target >>> 11;
    b[i + 3] = 0xf8 | ((target >>> 8) & 7);
    b[i + 2] = target;
    i += 2;
  }
}

/** bl, and adrp within 512 MiB. */
function arm64(b: Uint8Array, start: number): void {
  for (let i = 0; i + 4 <= b.length; i += 4) {
    const word = le32(b, i);
    const pc = start + i;
    if (word >>> 26 === 0x25) {
      putLe32(b, i, 0x94000000 | ((word - (pc >>> 2)) & 0x3ffffff));
    } else if ((word & 0x9f000000) >>> 0 === 0x90000000) {
      const page = ((word >>> 29) & 3) | ((word >>> 3) & 0x1ffffc);
      if ((page + 0x20000) & 0x1c0000) continue;
      const target = page - (pc >>> 12);
      putLe32(
        b,
        i,
        (word & ~0x60ffffe0) | ((target & 3) << 29) | ((target & 0x3fffc) << 3) | (-(target & 0x20000) & 0xe00000),
      );
    }
  }
}

/** bl of big-endian PowerPC. */
function powerpc(b: Uint8Array, start: number): void {
  for (let i = 0; i + 4 <= b.length; i += 4) {
    if (b[i]! >> 2 !== 0x12 || (b[i + 3]! & 3) !== 1) continue;
    const source = ((b[i]! & 3) << 24) | (b[i + 1]! << 16) | (b[i + 2]! << 8) | (b[i + 3]! & ~3);
    const target = source - (start + i);
    b[i] = 0x48 | ((target >>> 24) & 3);
    b[i + 1] = target >>> 16;
    b[i + 2] = target >>> 8;
    b[i + 3] = (target & ~3) | 1;
  }
}

/** call, and branches within 8 MiB. */
function sparc(b: Uint8Array, start: number): void {
  for (let i = 0; i + 4 <= b.length; i += 4) {
    const word = be32(b, i);
    if (word >>> 22 !== 0x100 && word >>> 22 !== 0x1ff) continue;
    const target = ((word << 2) - (start + i)) >>> 2;
    putBe32(b, i, (0x40000000 - (target & 0x400000)) | 0x40000000 | (target & 0x3fffff));
  }
}

/** Which of a bundle's three slots hold branches, by its template. */
const IA64_SLOTS = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 6, 6, 0, 0, 7, 7, 4, 4, 0, 0, 4, 4, 0, 0];

/** br.call, in slots of 41 bits. */
function ia64(b: Uint8Array, start: number): void {
  for (let i = 0; i + 16 <= b.length; i += 16) {
    const slots = IA64_SLOTS[b[i]! & 31]!;
    for (let slot = 0; slot < 3; slot++) {
      if (((slots >> slot) & 1) === 0) continue;
      const at = i + ((5 + slot * 41) >> 3);
      const shift = BigInt((5 + slot * 41) & 7);
      let word = 0n;
      for (let j = 5; j >= 0; j--) word = (word << 8n) | BigInt(b[at + j]!);
      const own = word >> shift;
      if (((own >> 37n) & 15n) !== 5n || ((own >> 9n) & 7n) !== 0n) continue;
      const source = (Number((own >> 13n) & 0xfffffn) | (Number((own >> 36n) & 1n) << 20)) << 4;
      const target = (source - (start + i)) >>> 4;
      const mended =
        (own & ~(0x8fffffn << 13n)) | (BigInt(target & 0xfffff) << 13n) | (BigInt(target & 0x100000) << 16n);
      word = (word & ((1n << shift) - 1n)) | (mended << shift);
      for (let j = 0; j < 6; j++) b[at + j] = Number((word >> BigInt(8 * j)) & 0xffn);
    }
  }
}

/** jal of ra and t0, and auipc with the instruction behind it, whose two halves the encoder put together. */
function riscv(b: Uint8Array, start: number): void {
  for (let i = 0; i + 8 <= b.length; i += 2) {
    if (b[i] === 0xef) {
      const [one, two, three] = [b[i + 1]!, b[i + 2]!, b[i + 3]!];
      if ((one & 0x0d) !== 0) continue;
      const target = (((one & 0xf0) << 13) | (two << 9) | (three << 1)) - (start + i);
      b[i + 1] = (one & 0x0f) | ((target >>> 8) & 0xf0);
      b[i + 2] = ((target >>> 16) & 0x0f) | ((target >>> 7) & 0x10) | ((target << 4) & 0xe0);
      b[i + 3] = ((target >>> 4) & 0x7f) | ((target >>> 13) & 0x80);
      i += 2;
    } else if ((b[i]! & 0x7f) === 0x17) i += auipc(b, i, start + i);
  }
}

/** @returns how far to go on, less the step of the loop */
function auipc(b: Uint8Array, i: number, pc: number): number {
  const word = le32(b, i);
  const second = le32(b, i + 4);
  if (word & 0xe80) {
    // Of any other register: it was left as it is, but for one that looks as if the encoder had made it.
    if ((((word << 8) ^ (second - 3)) & 0xf8003) !== 0) return 4;
    putLe32(b, i, 0x17 | (2 << 7) | (second << 12));
    putLe32(b, i + 4, (word & 0xfffff000) + (second >>> 20));
    return 6;
  }
  const base = word >>> 27;
  if (((word - 0x3117) << 18) >>> 0 >= (base & 0x1d)) return 2;
  const target = be32(b, i + 4) - pc;
  putLe32(b, i, 0x17 | (base << 7) | ((target + 0x800) & 0xfffff000));
  putLe32(b, i + 4, (word >>> 12) | (target << 20));
  return 6;
}

/** Each byte less the one so far before it: no branches, but undone in the same way. @param distance of the bytes */
export function undelta(b: Uint8Array, distance: number): void {
  for (let i = distance; i < b.length; i++) b[i] = b[i]! + b[i - distance]!;
}

/** By the filter's id in a block header. */
export const BRANCH_FILTERS: ReadonlyMap<number, BranchFilter> = new Map([
  [4, x86],
  [5, powerpc],
  [6, ia64],
  [7, arm],
  [8, armThumb],
  [9, sparc],
  [10, arm64],
  [11, riscv],
]);
