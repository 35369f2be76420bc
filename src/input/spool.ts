import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { MAX_INPUT_IN_MEMORY } from "../ground/limits.js";
import { budget, OverBudget } from "./budget.js";
import { FileSource } from "./file-source.js";
import { MemorySource, type Source } from "./source.js";
import { noRoom, temporaryFolder } from "./temporary.js";

/** Tells from the beginning of an input whether it is something that is read: an image, or a dump in a known format. */
export type Recognise = (start: Source) => boolean;

/** Of what nothing tells what it is, less is kept: it may be raw memory with an image in it, or anything. */
const UNKNOWN_SHARE = 1 / 16;

/**
 * Collects a stream: in memory at first, then in a nameless temporary file, so that memory stays bounded. Before it goes to
 * the disk, its beginning is asked what it is.
 */
export class Spool {
  private chunks: Uint8Array[] = [];
  private size = 0;
  private fd: number | undefined;
  private limit = Number.POSITIVE_INFINITY;
  private known = true;

  /** @param recognise absent where the stream is no input but what this program makes */
  constructor(private readonly recognise?: Recognise) {}

  write(chunk: Uint8Array): void {
    this.size += chunk.length;
    if (this.fd === undefined && this.size > MAX_INPUT_IN_MEMORY) this.moveToFile();
    if (this.size > this.limit) throw this.tooLarge();
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

  private tooLarge(): OverBudget {
    const { recognise, limit, known } = this;
    if (recognise === undefined)
      return new OverBudget(`the output takes more than the ${limit} bytes that may lie in a temporary file`, "disk");
    const what = known
      ? `it is larger than the ${limit} bytes that may be kept of a pipe or a packed file`
      : `nothing in its beginning tells what it is, and only ${limit} bytes of such a pipe or packed file are kept: save it, unpacked, and name the file`;
    return new OverBudget(what, "disk");
  }

  private moveToFile(): void {
    this.known = this.recognise?.(new MemorySource(this.chunks[0]!)) ?? true;
    this.limit = budget().disk * (this.known ? 1 : UNKNOWN_SHARE);
    const directory = temporaryFolder("rbtool-");
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
    throw noRoom(error);
  }
}
