import { InputError } from "../../ground/errors.js";
import type { Source } from "../source.js";

/** An .rpm (its file format, version 3 and 4): a lead, a signature header, a header, and a packed cpio archive. */

const LEAD = 96;
const LEAD_MAGIC = 0xedabeedb;
const HEADER_MAGIC = 0x8eade801;

export function isRpm(start: Uint8Array): boolean {
  return start.length > LEAD && u32(start, 0) === LEAD_MAGIC;
}

/** Where the archive begins. */
export function rpmPayload(source: Source): number {
  const signature = headerEnd(source, LEAD);
  // Only the signature is padded.
  return headerEnd(source, Math.ceil(signature / 8) * 8);
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
