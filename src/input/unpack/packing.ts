/** How a stretch of bytes is packed, told from its beginning (RFC 1952, RFC 8878, the .xz specification, the tools' own). */
export type Packing = "gzip" | "zstd" | "xz" | "lzma" | "bzip2" | "lz4" | "lzop";

const MAGICS: readonly (readonly [Packing, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b, 0x08]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["lz4", [0x02, 0x21, 0x4c, 0x18]],
  ["lzop", [0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a, 0x0a]],
  // Properties that every encoder uses (lc=3, lp=0, pb=2) and a dictionary of whole 64K: weak.
  ["lzma", [0x5d, 0x00, 0x00]],
];

/** The packing of what begins at `at`. */
export function packingOf(bytes: Uint8Array, at = 0): Packing | undefined {
  return MAGICS.find(([, magic]) => magic.every((byte, i) => bytes[at + i] === byte))?.[0];
}

export function magicOf(packing: Packing): Uint8Array {
  return Uint8Array.from(MAGICS.find(([name]) => name === packing)![1]);
}
