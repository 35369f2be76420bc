import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "../ground/errors.js";
import { reasonOf } from "../ground/reason.js";

/** A new folder for what is needed for a while. Throws InputError. */
export function temporaryFolder(name: string): string {
  try {
    return mkdtempSync(join(tmpdir(), name));
  } catch (error) {
    throw noRoom(error);
  }
}

/** Why nothing more can be put there, and what to do about it. */
export function noRoom(error: unknown): InputError {
  const { code } = error as NodeJS.ErrnoException;
  const why = code === "ENOENT" ? "there is no such directory" : reasonOf(error);
  return new InputError(`no room for temporary files in ${tmpdir()}: ${why}; set TMPDIR to a directory that has it`);
}
