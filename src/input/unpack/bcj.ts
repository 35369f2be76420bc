/**
 * The branch filters of .xz (its specification, 5.3.2): the encoder has made the targets of calls absolute, so that a
 * target called often is the same bytes each time; here they become relative again. Each works in place on a whole
 * block; `start` is the address of its first byte.
 */
export type BranchFilter = (bytes: Uint8Array, start: number) => void;

function le32(b: Uint8Array, i: number): number {
  return b[i]! | (b[i + 1]! << 8) | (b[i + 2]! << 16) | (b[i + 3]! << 24);
}

function putLe32(b: Uint8Array, i: number, v: number): void {
  b[i] = v;
  b[i + 1] = v >>> 8;
  b[i + 2] = v >>> 16;
  b[i + 3] = v >>> 24;
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

/** By the filter's id in a block header. */
export const BRANCH_FILTERS: ReadonlyMap<number, BranchFilter> = new Map([
  [4, x86],
  [5, powerpc],
  [7, arm],
  [8, armThumb],
  [10, arm64],
]);
