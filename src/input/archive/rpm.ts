import { InputError } from "../../ground/errors.js";
import { latin1 } from "../../ground/latin1.js";
import type { Source } from "../source.js";

/** An .rpm (its file format, version 3 and 4): a lead, a signature header, a header, and a packed cpio archive. */

const LEAD = 96;
const LEAD_MAGIC = 0xedabeedb;
const HEADER_MAGIC = 0x8eade801;

export function isRpm(start: Uint8Array): boolean {
  return start.length > LEAD && u32(start, 0) === LEAD_MAGIC;
}

/** Tags of what a package requires: three lists of one length. */
const REQUIREFLAGS = 1048;
const REQUIRENAME = 1049;
const REQUIREVERSION = 1050;
/** Bits of a flag that compare a version, and the one of them that is set where exactly that version will do. */
const SENSE_COMPARES = 0xe;
const SENSE_EQUAL = 8;
/** One that only names others has few files, and so a short header. */
const MAX_HEADER = 1024 * 1024;

/** Where the archive begins. */
export function rpmPayload(source: Source): number {
  return headerEnd(source, headerStart(source));
}

/** What it requires: names, with the version where it has to be that one. The package manager's own needs are left out. */
export function rpmRequires(source: Source): readonly string[] {
  const start = headerStart(source);
  const size = headerEnd(source, start) - start;
  if (size > MAX_HEADER) return [];
  const header = source.read(start, size);
  const store = 16 + u32(header, 8) * 16;
  const entryOf = (tag: number): { at: number; count: number } => {
    for (let at = 16; at < store; at += 16)
      if (u32(header, at) === tag) return { at: store + u32(header, at + 8), count: u32(header, at + 12) };
    return { at: size, count: 0 };
  };
  const names = strings(header, entryOf(REQUIRENAME));
  const versions = strings(header, entryOf(REQUIREVERSION));
  const flags = entryOf(REQUIREFLAGS);
  return names.flatMap((name, i) => {
    if (!/^[\w.+-]+$/.test(name)) return [];
    const at = flags.at + 4 * i;
    const sense = i < flags.count && at + 4 <= size ? u32(header, at) : 0;
    const exactly = (sense & SENSE_COMPARES) === SENSE_EQUAL && /^[\w.+~^:-]+$/.test(versions[i] ?? "");
    return [exactly ? `${name} = ${versions[i]}` : name];
  });
}

/** Zero-terminated strings, one after the other. */
function strings(header: Uint8Array, { at, count }: { at: number; count: number }): string[] {
  const found: string[] = [];
  for (let start = at; found.length < count && start < header.length; ) {
    const end = header.indexOf(0, start);
    if (end < 0) break;
    found.push(latin1(header.subarray(start, end)));
    start = end + 1;
  }
  return found;
}

/** Where the header begins: only the signature before it is padded. */
function headerStart(source: Source): number {
  return Math.ceil(headerEnd(source, LEAD) / 8) * 8;
}

/** A header: magic, 4 bytes, entries of 16 bytes, a store of bytes. */
function headerEnd(source: Source, at: number): number {
  const header = source.read(at, 16);
  if (header.length < 16 || u32(header, 0) !== HEADER_MAGIC)
    throw new InputError(`not an rpm package (at offset 0x${at.toString(16)})`);
  const end = at + 16 + u32(header, 8) * 16 + u32(header, 12);
  if (end > source.size) throw new InputError("rpm package cut short");
  return end;
}

function u32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at);
}
