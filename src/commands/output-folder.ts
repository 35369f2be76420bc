import { mkdirSync, rmdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { OutputError } from "../ground/errors.js";
import { reasonOf } from "../ground/reason.js";
import { beforeSignals, type OutputFile, writeBeside } from "./output-file.js";

/**
 * Makes a folder, and those above it, for the files that `write` writes. Of those that were made none stays empty: where
 * the disk is full, nothing is left. Throws OutputError.
 */
export function intoFolder<T>(path: string, write: () => Promise<T>): Promise<T> {
  return intoFolders([path], write);
}

/** Writes files, and makes their folders: where one cannot be written, none takes its name and nothing is left. */
export function writeTogether(
  files: readonly { readonly path: string; readonly pieces: Iterable<Uint8Array> }[],
): Promise<void> {
  return intoFolders(new Set(files.map(({ path }) => dirname(path))), async () => {
    const written: OutputFile[] = [];
    try {
      for (const { path, pieces } of files) written.push(await writeBeside(path, pieces));
      for (const file of written) file.takeName();
    } catch (error) {
      for (const file of written) await file.abandon();
      throw error;
    }
  });
}

async function intoFolders<T>(paths: Iterable<string>, write: () => Promise<T>): Promise<T> {
  const made: { readonly path: string; readonly first: string }[] = [];
  const clean = (): void => {
    for (const { path, first } of made.toReversed()) removeEmpty(resolve(path), resolve(first));
  };
  const release = beforeSignals(clean);
  try {
    for (const path of paths) {
      const first = makeFolder(path);
      if (first !== undefined) made.push({ path, first });
    }
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
