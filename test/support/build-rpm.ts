/** A package: a lead, a signature of an odd size, a header, the archive. */
export function rpmOf(payload: Uint8Array): Buffer {
  const lead = Buffer.alloc(96);
  lead.writeUInt32BE(0xedabeedb, 0);
  const header = (entries: number, store: number): Buffer => {
    const bytes = Buffer.alloc(16 + 16 * entries + store);
    bytes.writeUInt32BE(0x8eade801, 0);
    bytes.writeUInt32BE(entries, 8);
    bytes.writeUInt32BE(store, 12);
    return bytes;
  };
  const signature = header(2, 13);
  return Buffer.concat([lead, signature, Buffer.alloc(-signature.length & 7), header(3, 5), payload]);
}
