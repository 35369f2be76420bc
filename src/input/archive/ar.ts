import { InputError } from "../../ground/errors.js";
import { latin1 } from "../../ground/latin1.js";
import type { Source } from "../source.js";

/** A Debian package is an `ar` archive (deb(5), ar(5)): "!<arch>\n", then members behind headers of 60 bytes. */

const MAGIC = "!<arch>\n";
const HEADER = 60;

export function isAr(start: Uint8Array): boolean {
  return latin1(start.subarray(0, MAGIC.length)) === MAGIC;
}

/** The members, and where they lie. */
export function* arMembers(
  source: Source,
): Generator<{ readonly name: string; readonly start: number; readonly size: number }> {
  for (let at = MAGIC.length; at + HEADER <= source.size; ) {
    const header = latin1(source.read(at, HEADER));
    const size = Number(header.slice(48, 58).trim());
    const start = at + HEADER;
    if (header.slice(58) !== "`\n" || !(Number.isSafeInteger(size) && size >= 0) || start + size > source.size)
      throw new InputError(`ar archive cut short (at offset 0x${at.toString(16)})`);
    yield { name: header.slice(0, 16).trim().replace(/\/$/, ""), start, size };
    at = start + size + (size % 2);
  }
}
