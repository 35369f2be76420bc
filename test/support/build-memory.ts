import { deflateSync } from "node:zlib";

/** A stretch of a machine's memory. */
export interface Stretch {
  readonly address: number;
  readonly bytes: Uint8Array;
}

const PAGE = 4096;

function padded(bytes: Uint8Array, size: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]);
}

export interface ElfWishes {
  readonly bigEndian?: boolean;
  readonly is32?: boolean;
  readonly vmcoreinfo?: string;
  /** Where the program headers lie: QEMU puts them behind others. */
  readonly programsAt?: number;
  /** The count does not stand in the header but in the first section. */
  readonly countInSection?: boolean;
}

/** An ELF core of these stretches. */
export function elfCore(stretches: readonly Stretch[], wishes: ElfWishes = {}): Buffer {
  const { bigEndian = false, is32 = false, vmcoreinfo } = wishes;
  const entry = is32 ? 32 : 56;
  const note = vmcoreinfo === undefined ? Buffer.alloc(0) : elfNote("VMCOREINFO", vmcoreinfo, bigEndian);
  const count = stretches.length + 1;
  const programsAt = wishes.programsAt ?? (is32 ? 52 : 64);
  const sectionAt = programsAt + count * entry;
  let at = Math.ceil((sectionAt + 64) / PAGE) * PAGE;
  const head = Buffer.alloc(at);
  const u16 = (value: number, where: number) => head[bigEndian ? "writeUInt16BE" : "writeUInt16LE"](value, where);
  const u32 = (value: number, where: number) => head[bigEndian ? "writeUInt32BE" : "writeUInt32LE"](value, where);
  const long = (value: number, where: number) => {
    if (is32) u32(value, where);
    else head[bigEndian ? "writeBigUInt64BE" : "writeBigUInt64LE"](BigInt(value), where);
  };
  head.set([0x7f, 0x45, 0x4c, 0x46, is32 ? 1 : 2, bigEndian ? 2 : 1, 1]);
  u16(4, 16);
  u16(62, 18);
  long(programsAt, is32 ? 28 : 32);
  const rest = is32 ? 42 : 54;
  u16(entry, rest);
  u16(wishes.countInSection ? 0xffff : count, rest + 2);
  if (wishes.countInSection) {
    long(sectionAt, is32 ? 32 : 40);
    u32(count, sectionAt + (is32 ? 28 : 44));
  }
  const program = (i: number, type: number, physical: number, size: number): void => {
    const p = programsAt + i * entry;
    u32(type, p);
    const step = is32 ? 4 : 8;
    for (const [k, value] of [at, 0, physical, size, size].entries()) long(value, p + step + step * k);
  };
  program(0, 4, 0, note.length);
  at += note.length;
  stretches.forEach(({ address, bytes }, i) => {
    program(i + 1, 1, address, bytes.length);
    at += bytes.length;
  });
  return Buffer.concat([head, note, ...stretches.map(({ bytes }) => bytes)]);
}

function elfNote(name: string, text: string, bigEndian: boolean): Buffer {
  const head = Buffer.alloc(12);
  const u32 = (value: number, at: number) => head[bigEndian ? "writeUInt32BE" : "writeUInt32LE"](value, at);
  u32(name.length + 1, 0);
  u32(text.length, 4);
  const align = (bytes: Buffer) => padded(bytes, Math.ceil(bytes.length / 4) * 4);
  return Buffer.concat([head, align(Buffer.from(`${name}\0`)), align(Buffer.from(text))]);
}

/** LiME's format; `avml`: AVML's compressed one. */
export function lime(stretches: readonly Stretch[], avml = false): Buffer {
  return Buffer.concat(
    stretches.flatMap(({ address, bytes }) => {
      const head = Buffer.alloc(32);
      head.write(avml ? "LVMA" : "EMiL", "latin1");
      if (avml) head.writeUInt32LE(0x4c4d5641, 0);
      head.writeUInt32LE(avml ? 2 : 1, 4);
      head.writeBigUInt64LE(BigInt(address), 8);
      head.writeBigUInt64LE(BigInt(address + bytes.length - 1), 16);
      if (!avml) return [head, bytes];
      const stream = snappyFrames(bytes);
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(stream.length));
      return [head, stream, length];
    }),
  );
}

function snappyFrames(bytes: Uint8Array): Buffer {
  const chunk = (type: number, data: Uint8Array): Buffer => {
    const head = Buffer.from([type, data.length & 0xff, (data.length >> 8) & 0xff, data.length >> 16]);
    return Buffer.concat([head, data]);
  };
  const parts = [chunk(0xff, Buffer.from("sNaPpY"))];
  for (let at = 0; at < bytes.length; at += 65536) {
    const piece = bytes.subarray(at, at + 65536);
    const packed = snappy(piece);
    if (at % (4 * 65536) === 0) parts.push(chunk(0xfe, Buffer.alloc(7)));
    // The checksum is not looked at.
    const checksum = Buffer.alloc(4);
    const small = packed.length < piece.length;
    parts.push(chunk(small ? 0 : 1, Buffer.concat([checksum, small ? packed : piece])));
  }
  return Buffer.concat(parts);
}

/** A plain encoder: literals, and copies of what stood at a multiple of 4 before, by all three kinds of offset. */
export function snappy(bytes: Uint8Array): Buffer {
  const out: number[] = [];
  for (let n = bytes.length; ; n = Math.floor(n / 128)) {
    out.push(n < 128 ? n : (n & 127) | 128);
    if (n < 128) break;
  }
  const seen = new Map<number, number>();
  const word = (at: number) => bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  let literal = 0;
  const flush = (end: number): void => {
    for (let at = literal; at < end; ) {
      const n = Math.min(end - at, at % 3 === 0 ? 60 : 300);
      if (n <= 60) out.push((n - 1) << 2);
      else if (n <= 256) out.push(60 << 2, n - 1);
      else out.push(61 << 2, (n - 1) & 255, (n - 1) >> 8);
      for (let i = 0; i < n; i++) out.push(bytes[at + i]!);
      at += n;
    }
  };
  for (let at = 0; at + 4 <= bytes.length; ) {
    const before = seen.get(word(at));
    seen.set(word(at), at);
    if (before === undefined) {
      at += 4;
      continue;
    }
    let n = 4;
    while (n < 60 && at + n < bytes.length && bytes[before + n] === bytes[at + n]) n++;
    flush(at);
    const distance = at - before;
    if (n <= 11 && distance < 2048) out.push(1 | ((n - 4) << 2) | ((distance >> 8) << 5), distance & 255);
    else if (distance % 5 !== 0) out.push(2 | ((n - 1) << 2), distance & 255, distance >> 8);
    else out.push(3 | ((n - 1) << 2), distance & 255, (distance >> 8) & 255, (distance >> 16) & 255, 0);
    at += n;
    literal = at;
  }
  flush(bytes.length);
  return Buffer.from(out);
}

export interface KdumpWishes {
  /** How pages are packed, in turn. */
  readonly packings?: readonly ("none" | "zlib" | "snappy")[];
  readonly vmcoreinfo?: string;
  readonly bigEndian?: boolean;
  readonly is32?: boolean;
  /** One file of a split dump: its page frames. */
  readonly part?: { readonly from: number; readonly to: number };
}

/** A dump in makedumpfile's compressed format. */
export function kdump(stretches: readonly Stretch[], wishes: KdumpWishes = {}): Buffer {
  const { packings = ["zlib", "none", "snappy"], part, bigEndian = false, is32 = false } = wishes;
  const pages = new Map<number, Uint8Array>();
  for (const { address, bytes } of stretches)
    for (let at = 0; at < bytes.length; at += PAGE) pages.set((address + at) / PAGE, bytes.subarray(at, at + PAGE));
  const last = Math.max(...pages.keys());
  const bitmapBlocks = 2 * Math.ceil((last + 1) / 8 / PAGE);
  const bitmap = Buffer.alloc((bitmapBlocks / 2) * PAGE);
  for (const page of pages.keys()) bitmap[page >> 3]! |= 1 << (page & 7);
  const head = Buffer.alloc(2 * PAGE);
  const u32 = (value: number, at: number, to = head) => to[bigEndian ? "writeUInt32BE" : "writeUInt32LE"](value, at);
  const u64 = (value: number, at: number, to = head) =>
    to[bigEndian ? "writeBigUInt64BE" : "writeBigUInt64LE"](BigInt(value), at);
  head.write("KDUMP   ", "latin1");
  u32(6, 8);
  head.write("Linux", 12, "latin1");
  const status = is32 ? 412 : 424;
  for (const [i, value] of [1, PAGE, 1, bitmapBlocks, last + 1].entries()) u32(value, status + 4 * i);
  const info = Buffer.from(wishes.vmcoreinfo ?? "", "latin1");
  u32(31, PAGE + (is32 ? 4 : 8));
  if (part !== undefined) {
    u32(1, PAGE + (is32 ? 8 : 12));
    for (const [i, value] of [part.from, part.to].entries())
      if (is32) u32(value, PAGE + 12 + 4 * i);
      else u64(value, PAGE + 80 + 8 * i);
  }
  if (!is32) u64(last + 1, PAGE + 96);
  const written = [...pages].filter(([page]) => part === undefined || (page >= part.from && page < part.to));
  const descriptors = Buffer.alloc(24 * written.length);
  let at = head.length + 2 * bitmap.length + descriptors.length;
  u64(at, PAGE + (is32 ? 20 : 32));
  if (is32) u32(info.length, PAGE + 28);
  else u64(info.length, PAGE + 40);
  at += info.length;
  const data: Uint8Array[] = [];
  written
    .sort(([a], [b]) => a - b)
    .forEach(([, bytes], i) => {
      const packing = packings[i % packings.length]!;
      const packed = packing === "zlib" ? deflateSync(bytes) : packing === "snappy" ? snappy(bytes) : bytes;
      const fits = packed.length < PAGE;
      const stored = fits ? packed : bytes;
      u64(at, 24 * i, descriptors);
      u32(stored.length, 24 * i + 8, descriptors);
      u32(fits ? { none: 0, zlib: 1, snappy: 4 }[packing] : 0, 24 * i + 12, descriptors);
      data.push(stored);
      at += stored.length;
    });
  return Buffer.concat([head, bitmap, bitmap, descriptors, info, ...data]);
}

/** A file as a stream of pieces, in an order of one's own; where two have the same bytes the later one counts. */
export function flattened(file: Uint8Array, pieces: readonly (readonly [at: number, length: number])[]): Buffer {
  const head = Buffer.alloc(4096);
  head.write("makedumpfile", "latin1");
  const record = (at: number, length: number): Buffer => {
    const bytes = Buffer.alloc(16);
    bytes.writeBigInt64BE(BigInt(at));
    bytes.writeBigInt64BE(BigInt(length), 8);
    return bytes;
  };
  return Buffer.concat([
    head,
    ...pieces.flatMap(([at, length]) => [record(at, length), file.subarray(at, at + length)]),
    record(-1, -1),
  ]);
}

/** A number as QEMU writes it, the high byte first. */
export function u32be(value: number): Buffer {
  return Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);
}

/** A page that zlib packed, as QEMU writes it: its flag; the length, then zlib's bytes. */
export function zlibPage(bytes: Uint8Array): readonly [flags: number, written: Uint8Array] {
  const packed = deflateSync(bytes);
  return [0x100, Buffer.concat([u32be(packed.length), packed])];
}

export interface QemuWishes {
  /** Its type with its version. */
  readonly machine?: string;
  /** Its memory: a block, or several one behind another. */
  readonly blocks?: readonly { readonly name: string; readonly size: number }[];
  /** Where each byte of memory lies in the blocks: what is above 4 GiB comes right behind what is below. */
  readonly placed?: (address: number) => number;
  /** How a page is written: its word's flags, and what follows. Without it, as it is. */
  readonly page?: (bytes: Uint8Array) => readonly [flags: number, written: Uint8Array];
  readonly pageBits?: number;
  /** What stands between the machine's name and its memory. */
  readonly before?: Uint8Array;
}

/** A QEMU stream of these stretches: `start` and `part` sections of memory, then its end. */
export function qemuStream(stretches: readonly Stretch[], wishes: QemuWishes = {}): Buffer {
  const { machine = "pc-q35-7.2", blocks = [{ name: "pc.ram", size: 8 * 2 ** 30 }], pageBits = 12 } = wishes;
  const { placed = (address) => (address < 2 ** 32 ? address : address - 2 ** 31) } = wishes;
  const { page = (bytes) => [0x08, bytes] as const, before = Buffer.alloc(0) } = wishes;
  const u64 = (value: number) => Buffer.concat([u32be(Math.floor(value / 2 ** 32)), u32be(value >>> 0)]);
  const name = (text: string) => Buffer.from(`${String.fromCharCode(text.length)}${text}`, "latin1");
  const startOf = (i: number) => blocks.slice(0, i).reduce((sum, { size }) => sum + size, 0);
  const starts = blocks.map(({ name }, i) => ({ name, start: startOf(i) }));
  const pages = stretches.flatMap(({ address, bytes }) =>
    Array.from({ length: Math.ceil(bytes.length / 2 ** pageBits) }, (_, i) => {
      const at = placed(address + i * 2 ** pageBits);
      const block = starts.findLast(({ start }) => start <= at)!;
      return { block, at: at - block.start, bytes: bytes.subarray(i * 2 ** pageBits, (i + 1) * 2 ** pageBits) };
    }),
  );
  const CONTINUE = 0x20;
  const written = pages.map(({ block, at, bytes }, i) => {
    const [flags, rest] = page(bytes);
    if (pages[i - 1]?.block === block) return Buffer.concat([u64(at + flags + CONTINUE), rest]);
    return Buffer.concat([u64(at + flags), name(block.name), rest]);
  });
  const end = Buffer.concat([u64(0x10), Buffer.from([0x7e]), u32be(2)]);
  const bits = Buffer.concat([Buffer.from([5]), name("configuration/target-page-bits"), u32be(1), u32be(pageBits)]);
  return Buffer.concat([
    Buffer.from("QEVM\0\0\0\x03\x07", "latin1"),
    u32be(machine.length),
    Buffer.from(machine),
    pageBits === 12 ? Buffer.alloc(0) : bits,
    before,
    Buffer.from([1]),
    u32be(2),
    name("ram"),
    u32be(0),
    u32be(4),
    u64(startOf(blocks.length) + 0x04),
    ...blocks.flatMap((block) => [name(block.name), u64(block.size)]),
    end,
    Buffer.from([2]),
    u32be(2),
    ...written,
    end,
    Buffer.from([3]),
    u32be(2),
    end,
    // A device's state.
    Buffer.from([4]),
    u32be(3),
    name("timer"),
  ]);
}

/** What `virsh save` puts before it: its sign and version, the domain's XML. */
export function libvirtSave(
  stream: Uint8Array,
  { sign = "LibvirtQemudSave", packing = 0, bigEndian = false } = {},
): Buffer {
  const xml = Buffer.from("<domain type='kvm'/>\0");
  const head = Buffer.alloc(92);
  head.write(sign, "latin1");
  for (const [i, value] of [2, xml.length, 1, packing].entries())
    head[bigEndian ? "writeUInt32BE" : "writeUInt32LE"](value, 16 + 4 * i);
  return Buffer.concat([head, xml, stream]);
}
