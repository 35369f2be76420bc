import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "../ground/errors.js";
import { MAX_INPUT_IN_MEMORY, MAX_INPUT_SIZE } from "../ground/limits.js";
import { FileSource } from "./file-source.js";
import { MemorySource, type Source } from "./source.js";

/** Collects a stream: in memory at first, then in a nameless temporary file, so that memory stays bounded. */
export class Spool {
  private chunks: Uint8Array[] = [];
  private size = 0;
  private fd: number | undefined;

  write(chunk: Uint8Array): void {
    this.size += chunk.length;
    if (this.size > MAX_INPUT_SIZE) throw new InputError(`input is larger than ${MAX_INPUT_SIZE} bytes`);
    if (this.fd === undefined && this.size > MAX_INPUT_IN_MEMORY) this.moveToFile();
    if (this.fd === undefined) this.chunks.push(chunk);
    else writeAll(this.fd, chunk);
  }

  get length(): number {
    return this.size;
  }

  /** What was collected. The spool is used up. */
  finish(name: string, notes: readonly string[]): Source {
    if (this.fd !== undefined) return new FileSource(this.fd, name, notes);
    const bytes = new Uint8Array(this.size);
    let at = 0;
    for (const chunk of this.chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    this.chunks = [];
    return new MemorySource(bytes, name, notes);
  }

  discard(): void {
    this.chunks = [];
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  private moveToFile(): void {
    const directory = mkdtempSync(join(tmpdir(), "rbtool-"));
    try {
      this.fd = openSync(join(directory, "input"), "wx+", 0o600);
    } finally {
      // The open file outlives its name, so nothing is left behind however the process ends.
      rmSync(directory, { recursive: true, force: true });
    }
    for (const chunk of this.chunks) writeAll(this.fd, chunk);
    this.chunks = [];
  }
}

function writeAll(fd: number, chunk: Uint8Array): void {
  try {
    for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done);
  } catch (error) {
    throw new InputError(
      `cannot spool the input to ${tmpdir()}: ${(error as Error).message}; set TMPDIR to a roomier place`,
    );
  }
}
