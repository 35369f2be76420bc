import { InputError } from "../../ground/errors.js";

/** An .rpm (its file format, version 3 and 4): a lead, a signature header, a header, and a packed cpio archive. */

const LEAD = 96;
const LEAD_MAGIC = 0xedabeedb;
const HEADER_MAGIC = 0x8eade801;

export function isRpm(bytes: Uint8Array): boolean {
  return bytes.length > LEAD && u32(bytes, 0) === LEAD_MAGIC;
}

export function rpmPayload(bytes: Uint8Array): Uint8Array {
  const signature = headerEnd(bytes, LEAD);
  // Only the signature is padded.
  return bytes.subarray(headerEnd(bytes, Math.ceil(signature / 8) * 8));
}

/** A header: magic, 4 bytes, entries of 16 bytes, a store of bytes. */
function headerEnd(bytes: Uint8Array, at: number): number {
  if (at + 16 > bytes.length || u32(bytes, at) !== HEADER_MAGIC)
    throw new InputError(`not an rpm package (at offset 0x${at.toString(16)})`);
  const end = at + 16 + u32(bytes, at + 8) * 16 + u32(bytes, at + 12);
  if (end > bytes.length) throw new InputError("rpm package cut short");
  return end;
}

function u32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at);
}
