import { randomBytes } from "node:crypto";
import { fstatSync, readlinkSync, realpathSync, renameSync, rmSync, type Stats, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { OutputError, UsageError } from "../ground/errors.js";
import { reasonOf } from "../ground/reason.js";
import { inputArgument } from "../input/argument.js";

const STDIN_FD = 0;

/** What an image is called without its endings: what is made of it is named so. */
export function bareName(image: string): string {
  return basename(image).replace(/(\.(bin|img|gz|zst|xz|dump))+$/, "") || "trace";
}

/** Throws UsageError where `output` is one of the inputs, under whatever name; the standard input where one is undefined. */
export function refuseInputs(output: string, inputs: readonly (string | undefined)[]): void {
  const out = statOf(() => statSync(output));
  if (!out) return;
  if (out.isDirectory()) throw new UsageError(`${output}: is a directory; name the file to write`);
  if (!out.isFile()) throw new UsageError(`${output}: is not a regular file; write to one and copy it from there`);
  for (const input of inputs) {
    const from = statOf(() =>
      input === undefined || input === "-" ? fstatSync(STDIN_FD) : statSync(inputArgument(input).path),
    );
    if (from && from.dev === out.dev && from.ino === out.ino)
      throw new UsageError(`${output}: is the input itself, which is never written; name another file`);
  }
}

/** Throws UsageError where `output` is there already, unless --force says to write over it. */
export function refuseExisting(output: string, { force }: { readonly force?: true }): void {
  if (!force && statOf(() => statSync(output)))
    throw new UsageError(`${output}: already exists; --force overwrites it`);
}

/**
 * Writes a file all or nothing: a file beside it, flushed to the disk, takes its name. What it should hold comes in pieces;
 * where they hold nothing but zeros for long, it has holes.
 */
export async function writeAtomically(path: string, pieces: Iterable<Uint8Array>): Promise<void> {
  (await writeBeside(path, pieces)).takeName();
}

/** The same up to where the file would take its name. */
export async function writeBeside(path: string, pieces: Iterable<Uint8Array>): Promise<OutputFile> {
  const file = await OutputFile.create(path);
  try {
    const block = Buffer.alloc(BLOCK);
    let filled = 0;
    const flush = async (): Promise<void> => {
      const bytes = block.subarray(0, filled);
      if (filled === BLOCK && block.equals(ZEROS)) file.skip(filled);
      else await file.write(bytes);
      filled = 0;
    };
    for (const piece of pieces) {
      for (let done = 0; done < piece.length; ) {
        const part = piece.subarray(done, done + BLOCK - filled);
        block.set(part, filled);
        filled += part.length;
        done += part.length;
        if (filled === BLOCK) await flush();
      }
    }
    await flush();
    await file.close({ flushed: true });
    return file;
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

/** The file that a symbolic link stands for, there or not: a new one would otherwise take the link's place. */
function behindLink(path: string): string {
  try {
    const named = resolve(dirname(path), readlinkSync(path));
    return statOf(() => statSync(path)) ? realpathSync(path) : named;
  } catch {
    // No link.
    return path;
  }
}

/** Bytes that are written at once. */
const BLOCK = 256 * 1024;
const ZEROS = Buffer.alloc(BLOCK);

/** A file that is written piece by piece, and has its name only when it is whole. */
export class OutputFile {
  /** Bytes so far. */
  size = 0;

  private constructor(
    private readonly path: string,
    private readonly temporary: string,
    private readonly file: FileHandle,
    private readonly release: () => void,
  ) {}

  static async create(given: string): Promise<OutputFile> {
    const path = behindLink(given);
    const temporary = temporaryName(path);
    // First, so that a signal while the file is made leaves none behind.
    const release = beforeSignals(() => rmSync(temporary, { force: true }));
    try {
      return new OutputFile(path, temporary, await open(temporary, "wx", 0o644), release);
    } catch (error) {
      release();
      throw outputError(path, error);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    const at = this.size;
    this.size += bytes.length;
    try {
      await writeAll(this.file, bytes, at);
    } catch (error) {
      throw outputError(this.path, error);
    }
  }

  /** Leaves a hole, which reads as zeros. */
  skip(bytes: number): void {
    this.size += bytes;
  }

  /**
   * All of it is written.
   * @param flushed it is on the disk, for who takes the name as a sign of that; else when the machine dies within the next
   *   seconds, the file may be empty, as one of `cp` may
   */
  async close({ flushed = false } = {}): Promise<void> {
    try {
      await this.file.truncate(this.size);
      if (flushed) await this.file.sync();
      await this.file.close();
    } catch (error) {
      throw outputError(this.path, error);
    }
  }

  /** Gives the file, which is closed, its name. */
  takeName(): void {
    try {
      renameSync(this.temporary, this.path);
    } catch (error) {
      throw outputError(this.path, error);
    }
    this.release();
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    await this.file.close().catch(() => {});
    rmSync(this.temporary, { force: true });
    this.release();
  }
}

/** What a person or a shell ends a program with. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What is to be done before a signal ends the program. */
const cleanups = new Set<() => void>();

function end(signal: NodeJS.Signals): void {
  for (const clean of [...cleanups].reverse()) clean();
  for (const each of SIGNALS) process.off(each, end);
  process.kill(process.pid, signal);
}

/** Cleans up before a signal ends the program, the newest first: a file before its folder. What is returned undoes that. */
export function beforeSignals(clean: () => void): () => void {
  if (cleanups.size === 0) for (const signal of SIGNALS) process.prependListener(signal, end);
  cleanups.add(clean);
  return () => {
    if (cleanups.delete(clean) && cleanups.size === 0) for (const signal of SIGNALS) process.off(signal, end);
  };
}

async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}

function temporaryName(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
}

function outputError(path: string, error: unknown): OutputError {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ENOENT") return new OutputError(`${path}: ${reasonOf(error)}`, { cause: error });
  const folder = dirname(path);
  const there = statOf(() => statSync(folder)) !== undefined;
  const why = there ? "no file can be made there" : `there is no directory ${folder}`;
  return new OutputError(`${path}: ${why}`, { cause: error });
}

function statOf<T extends Stats | undefined>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
