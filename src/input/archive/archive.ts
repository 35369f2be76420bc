import { InputError } from "../../ground/errors.js";
import { MAX_ARCHIVE_FILES } from "../../ground/limits.js";
import type { Allowance } from "../budget.js";
import { ByteStream } from "../byte-stream.js";
import type { Source } from "../source.js";
import { packingOf } from "../unpack/packing.js";
import { isUnpackedInOrder, type Part, unpackedPieces } from "../unpack/pieces.js";
import { unpack } from "../unpack/unpack.js";
import { isAr } from "./ar.js";
import { cpioMembers, isCpio } from "./cpio.js";
import { debDepends, debPart } from "./deb.js";
import type { Member } from "./member.js";
import { isRpm, rpmPayload, rpmRequires } from "./rpm.js";
import { isTar, tarMembers } from "./tar.js";

/** Bytes that tell an archive. */
const START = 512;

/**
 * The files of a tarball, a .deb, an .rpm or a cpio archive, told by content and packed or not, in one pass: what is not
 * taken of them is never kept. Of what is no archive, or was unpacked at once, all that it unpacks to: a tarball is then read
 * by tarEntries(), which is quicker.
 */
export async function openArchive(source: Source, allowance: Allowance): Promise<AsyncGenerator<Member> | Uint8Array> {
  const start = source.read(0, START);
  const stream = (part: Part): ByteStream => new ByteStream(unpackedPieces(part, allowance));
  if (isAr(start)) return bounded(stream(debPart(source, "data")), tarMembers);
  if (isRpm(start)) return bounded(stream(partFrom(source, rpmPayload(source))), cpioMembers);
  const packing = packingOf(start);
  const unpacked = async (): Promise<Uint8Array> => {
    const bytes = source.read(0, source.size);
    return packing === undefined ? bytes : unpack(bytes, packing, allowance);
  };
  if (!isUnpackedInOrder(packing, source.size)) {
    const bytes = await unpacked();
    return isCpio(bytes) ? bounded(new ByteStream([bytes]), cpioMembers) : bytes;
  }
  const archive = stream(partFrom(source, 0));
  const inside = await archive.peek(START);
  if (isCpio(inside)) return bounded(archive, cpioMembers);
  if (isTar(inside)) return bounded(archive, tarMembers);
  await archive.close();
  return unpacked();
}

/** Names of the packages that a .deb or an .rpm depends on; of anything else none are known. */
export async function dependsOf(source: Source, allowance: Allowance): Promise<readonly string[]> {
  const start = source.read(0, START);
  if (isAr(start)) return debDepends(source, allowance);
  return isRpm(start) ? rpmRequires(source) : [];
}

/** All that a member holds. Throws OverBudget where that is more than may be taken. */
export async function contentOf({ size, content }: Member, allowance: Allowance): Promise<Uint8Array> {
  if (size > allowance.forOne) throw allowance.exceeded();
  allowance.take(size);
  const bytes = await content.take(size);
  if (bytes.length < size) throw new InputError("it is cut short");
  return bytes;
}

function partFrom(source: Source, start: number): Part {
  return { source, start, size: source.size - start };
}

async function* bounded(
  archive: ByteStream,
  members: (archive: ByteStream) => AsyncIterable<Member>,
): AsyncGenerator<Member> {
  let left = MAX_ARCHIVE_FILES;
  try {
    for await (const member of members(archive)) {
      if (--left < 0) throw new InputError("too many files in it");
      yield member;
    }
  } finally {
    await archive.close();
  }
}
