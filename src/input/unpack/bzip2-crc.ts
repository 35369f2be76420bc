/** The CRC-32 of bzip2: that of Ethernet, highest bit first, which no library of Node's has. */

const POLYNOMIAL = 0x04c11db7;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte << 24;
  for (let bit = 0; bit < 8; bit++) sum = sum < 0 ? (sum << 1) ^ POLYNOMIAL : sum << 1;
  return sum;
});

/** The sum of a block. */
export function crcOfBlock(bytes: Uint8Array, from: number, to: number): number {
  let sum = -1;
  for (let i = from; i < to; i++) sum = (sum << 8) ^ TABLE[(sum >>> 24) ^ bytes[i]!]!;
  return ~sum >>> 0;
}

/** The sum of a file, of which a block more is known. */
export function crcOfFile(before: number, block: number): number {
  return (((before << 1) | (before >>> 31)) ^ block) >>> 0;
}
