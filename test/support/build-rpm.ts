/** What a package requires: a name, a version, and flags that compare them. */
export type Requirement = readonly [name: string, version: string, flags: number];

/** A package: a lead, a signature of an odd size, a header, the archive. */
export function rpmOf(payload: Uint8Array, requires: readonly Requirement[] = []): Buffer {
  const lead = Buffer.alloc(96);
  lead.writeUInt32BE(0xedabeedb, 0);
  const signature = headerOf([[1000, 4, 1, Buffer.alloc(13)]]);
  const texts = (which: 0 | 1): Buffer => Buffer.from(requires.map((each) => `${each[which]}\0`).join(""));
  const flags = Buffer.alloc(4 * requires.length);
  for (const [i, [, , flag]] of requires.entries()) flags.writeUInt32BE(flag, 4 * i);
  const header = headerOf([
    [1048, 4, requires.length, flags],
    [1049, 8, requires.length, texts(0)],
    [1050, 8, requires.length, texts(1)],
  ]);
  return Buffer.concat([lead, signature, Buffer.alloc(-signature.length & 7), header, payload]);
}

type Entry = readonly [tag: number, type: number, count: number, data: Buffer];

function headerOf(entries: readonly Entry[]): Buffer {
  const store = Buffer.concat(entries.map(([, , , data]) => data));
  const index = Buffer.alloc(16 + 16 * entries.length);
  index.writeUInt32BE(0x8eade801, 0);
  index.writeUInt32BE(entries.length, 8);
  index.writeUInt32BE(store.length, 12);
  let offset = 0;
  for (const [i, [tag, type, count, data]] of entries.entries()) {
    for (const [j, value] of [tag, type, offset, count].entries()) index.writeUInt32BE(value, 16 + 16 * i + 4 * j);
    offset += data.length;
  }
  return Buffer.concat([index, store]);
}
