import { InputError } from "../../ground/errors.js";
import { latin1 } from "../../ground/latin1.js";
import type { ByteStream } from "../byte-stream.js";
import type { Member } from "./member.js";

/** The cpio format of packages ("newc": a header of hexadecimal numbers; cpio(5)). */

const HEADER = 110;
const REGULAR = 0o100000;
const TYPE_MASK = 0o170000;
/** A path, as long as the kernel takes one (PATH_MAX). */
const MAX_PATH = 4096;

export function isCpio(start: Uint8Array): boolean {
  return /^07070[12]$/.test(latin1(start.subarray(0, 6)));
}

export async function* cpioMembers(archive: ByteStream): AsyncGenerator<Member> {
  for (;;) {
    const at = archive.position;
    const header = await archive.take(HEADER);
    if (header.length < HEADER) throw new InputError("cpio archive cut short: its trailer is missing");
    if (!isCpio(header)) throw new InputError(`not a cpio archive (at offset 0x${at.toString(16)})`);
    const number = (index: number): number =>
      Number.parseInt(latin1(header.subarray(6 + index * 8, 14 + index * 8)), 16);
    const size = number(6);
    const nameSize = number(11);
    const cut = new InputError(`cpio archive cut short (at offset 0x${at.toString(16)})`);
    if (!(size >= 0 && nameSize > 0 && nameSize <= MAX_PATH)) throw cut;
    const path = latin1((await archive.take(nameSize)).subarray(0, -1));
    if (path === "TRAILER!!!") return;
    const start = at + Math.ceil((HEADER + nameSize) / 4) * 4;
    await archive.skip(start - archive.position);
    if ((number(1) & TYPE_MASK) === REGULAR) yield { path, size, content: archive };
    await archive.skip(start + size - archive.position);
    if (archive.position < start + size) throw cut;
    await archive.skip(-size & 3);
  }
}
