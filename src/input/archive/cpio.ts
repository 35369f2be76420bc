import { InputError } from "../../ground/errors.js";
import type { ArchiveFile } from "./archive-file.js";

/** The cpio format of packages ("newc": a header of hexadecimal numbers; cpio(5)). */

const HEADER = 110;
const REGULAR = 0o100000;
const TYPE_MASK = 0o170000;

export function isCpio(bytes: Uint8Array): boolean {
  return /^07070[12]$/.test(text(bytes, 0, 6));
}

export function* cpioEntries(bytes: Uint8Array): Generator<ArchiveFile> {
  for (let at = 0; at + HEADER <= bytes.length; ) {
    if (!isCpio(bytes.subarray(at, at + 6)))
      throw new InputError(`not a cpio archive (at offset 0x${at.toString(16)})`);
    const number = (index: number): number => Number.parseInt(text(bytes, at + 6 + index * 8, 8), 16);
    const size = number(6);
    const nameSize = number(11);
    const start = at + Math.ceil((HEADER + nameSize) / 4) * 4;
    if (!(size >= 0 && nameSize > 0 && start + size <= bytes.length))
      throw new InputError(`cpio archive cut short (at offset 0x${at.toString(16)})`);
    const path = text(bytes, at + HEADER, nameSize - 1);
    if (path === "TRAILER!!!") return;
    if ((number(1) & TYPE_MASK) === REGULAR) yield { path, bytes: bytes.subarray(start, start + size) };
    at = start + Math.ceil(size / 4) * 4;
  }
  throw new InputError("cpio archive cut short: its trailer is missing");
}

function text(bytes: Uint8Array, at: number, size: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1", at, at + size);
}
