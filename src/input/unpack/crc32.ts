const TABLE = new Uint32Array(256);
for (let n = 0; n < 256; n++) {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  TABLE[n] = c;
}

/**
 * CRC-32 of IEEE 802.3, as gzip, xz and others have it (node:zlib's own came after Node 20).
 * @param before that of what came before
 */
export function crc32(bytes: Uint8Array, from = 0, to = bytes.length, before = 0): number {
  let c = ~before;
  for (let i = from; i < to; i++) c = TABLE[(c ^ bytes[i]!) & 0xff]! ^ (c >>> 8);
  return ~c >>> 0;
}
