import { InputError } from "../../ground/errors.js";

/** A Debian package is an `ar` archive (deb(5), ar(5)): "!<arch>\n", then members behind headers of 60 bytes. */

const MAGIC = "!<arch>\n";
const HEADER = 60;

export function isAr(bytes: Uint8Array): boolean {
  return text(bytes, 0, MAGIC.length) === MAGIC;
}

export function* arMembers(bytes: Uint8Array): Generator<{ readonly name: string; readonly bytes: Uint8Array }> {
  for (let at = MAGIC.length; at + HEADER <= bytes.length; ) {
    const size = Number(text(bytes, at + 48, 10).trim());
    const start = at + HEADER;
    if (text(bytes, at + 58, 2) !== "`\n" || !(Number.isSafeInteger(size) && size >= 0) || start + size > bytes.length)
      throw new InputError(`ar archive cut short (at offset 0x${at.toString(16)})`);
    yield { name: text(bytes, at, 16).trim().replace(/\/$/, ""), bytes: bytes.subarray(start, start + size) };
    at = start + size + (size % 2);
  }
}

function text(bytes: Uint8Array, at: number, size: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1", at, at + size);
}
