/** An unsigned 32-bit number, the low byte first, as packed formats have it. */
export function le32(bytes: ArrayLike<number>, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
