import { contentOf, openArchive } from "../../src/input/archive/archive.js";
import type { ArchiveFile } from "../../src/input/archive/archive-file.js";
import { isTar, tarEntries } from "../../src/input/archive/tar.js";
import { Allowance } from "../../src/input/budget.js";
import { MemorySource } from "../../src/input/source.js";

/** All files of an archive; of what is none, none. */
export async function archiveFiles(bytes: Uint8Array, allowance = new Allowance()): Promise<ArchiveFile[]> {
  const files: ArchiveFile[] = [];
  const found = await openArchive(new MemorySource(bytes), allowance);
  if (found instanceof Uint8Array) return isTar(found) ? [...tarEntries(found)] : files;
  for await (const member of found) files.push({ path: member.path, bytes: await contentOf(member, allowance) });
  return files;
}
