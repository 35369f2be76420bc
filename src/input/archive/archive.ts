import { InputError } from "../../ground/errors.js";
import { MAX_ARCHIVE_FILES } from "../../ground/limits.js";
import { Allowance } from "../budget.js";
import { tarEntries } from "../tar.js";
import { packingOf } from "../unpack/packing.js";
import { unpack } from "../unpack/unpack.js";
import { arMembers, isAr } from "./ar.js";
import type { ArchiveFile } from "./archive-file.js";
import { cpioEntries, isCpio } from "./cpio.js";
import { isRpm, rpmPayload } from "./rpm.js";

/**
 * The files of a tarball, a .deb, an .rpm or a cpio archive, told by content and packed or not. Undefined for what is no
 * archive.
 * @param allowance what it may unpack to
 */
export async function archiveFiles(
  bytes: Uint8Array,
  allowance = new Allowance(),
): Promise<Iterable<ArchiveFile> | undefined> {
  if (isAr(bytes)) return bounded(tarEntries(await debData(bytes, allowance)));
  if (isRpm(bytes)) {
    const payload = rpmPayload(bytes);
    const packing = packingOf(payload);
    return bounded(cpioEntries(packing === undefined ? payload : await unpack(payload, packing, allowance)));
  }
  if (isCpio(bytes)) return bounded(cpioEntries(bytes));
  return isTar(bytes) ? bounded(tarEntries(bytes)) : undefined;
}

/** What a package installs: the member data.tar, packed in one of several ways. */
async function debData(bytes: Uint8Array, allowance: Allowance): Promise<Uint8Array> {
  for (const { name, bytes: member } of arMembers(bytes)) {
    if (!name.startsWith("data.tar")) continue;
    const packing = packingOf(member);
    return packing === undefined ? member : await unpack(member, packing, allowance);
  }
  throw new InputError("it is an ar archive, but not a Debian package: it has no data.tar");
}

/** "ustar", or what was before it: a first header whose checksum is right. */
function isTar(bytes: Uint8Array): boolean {
  if (bytes.length < 512) return false;
  let sum = 0;
  for (let i = 0; i < 512; i++) sum += i >= 148 && i < 156 ? 32 : bytes[i]!;
  const told = Number.parseInt(
    Buffer.from(bytes.subarray(148, 156)).toString("latin1").replace(/\0.*$/s, "").trim(),
    8,
  );
  return told === sum;
}

function* bounded<T>(files: Iterable<T>): Generator<T> {
  let left = MAX_ARCHIVE_FILES;
  for (const file of files) {
    if (--left < 0) throw new InputError("too many files in it");
    yield file;
  }
}
