import { mkdirSync, rmdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { OutputError } from "../ground/errors.js";
import { reasonOf } from "../ground/reason.js";
import { beforeSignals } from "./output-file.js";

/**
 * Makes a folder, and those above it, for the files that `write` writes. Of those that were made none stays empty: where
 * the disk is full, nothing is left. Throws OutputError.
 */
export async function intoFolder<T>(path: string, write: () => Promise<T>): Promise<T> {
  let first: string | undefined;
  const clean = (): void => {
    if (first !== undefined) removeEmpty(resolve(path), resolve(first));
  };
  const release = beforeSignals(clean);
  try {
    first = makeFolder(path);
    return await write();
  } finally {
    release();
    clean();
  }
}

/** @returns the outermost folder that was made, if any was */
function makeFolder(path: string): string | undefined {
  try {
    return mkdirSync(path, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OutputError(`${path}: ${code === "EEXIST" ? "is a file, not a folder" : reasonOf(error)}`);
  }
}

/** From the innermost on, up to `first`: another process may have written into one of them. */
function removeEmpty(path: string, first: string): void {
  try {
    for (let folder = path; ; folder = dirname(folder)) {
      rmdirSync(folder);
      if (folder === first) return;
    }
  } catch {
    // It holds something.
  }
}
