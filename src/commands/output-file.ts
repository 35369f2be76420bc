import { randomBytes } from "node:crypto";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { InputError, UsageError } from "../ground/errors.js";

const STDIN_FD = 0;

/** Throws UsageError where `output` is the input itself, under whatever name. */
export function refuseInput(output: string, input: string | undefined): void {
  const out = statOf(() => statSync(output));
  if (!out) return;
  if (out.isDirectory()) throw new UsageError(`${output}: is a directory; name the file to write`);
  if (!out.isFile()) throw new UsageError(`${output}: is no regular file; write to one, and copy it from there`);
  const from = statOf(() => (input === undefined || input === "-" ? fstatSync(STDIN_FD) : statSync(input)));
  if (from && from.dev === out.dev && from.ino === out.ino)
    throw new UsageError(`${output}: is the input itself, which is never written; name another file`);
}

/** Writes a file all or nothing: a file beside it, flushed to the disk, takes its name. */
export function writeAtomically(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  let fd: number | undefined;
  try {
    fd = openSync(temporary, "wx", 0o644);
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done);
    fsyncSync(fd);
    closeSync(fd);
    fd = undefined;
    renameSync(temporary, path);
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    rmSync(temporary, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new InputError(`${path}: there is no directory ${dirname(path)}`);
    throw new InputError(`${path}: ${message}`);
  }
}

function statOf<T extends Stats | undefined>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
