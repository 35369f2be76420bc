import { closeSync, fstatSync, readSync } from "node:fs";
import { InputError } from "../ground/errors.js";
import { reasonOf } from "../ground/reason.js";
import type { Hole, Source } from "./source.js";

/** Bytes read from the file at once. Large enough that a scan is bound by the disk, small enough to hold many. */
const BLOCK_SIZE = 1024 * 1024;
/** Blocks kept: every CPU of a merged read has its own place in the file. */
const BLOCKS_KEPT = 48;

/**
 * A regular file, read block by block where somebody goes through it in order; the blocks least recently used are dropped. Of a
 * large file that somebody reads here and there, a block would be read for each few bytes.
 */
export class FileSource implements Source {
  readonly size: number;
  readonly holes: readonly Hole[] = [];
  readonly physicalStart = undefined;
  /** Block number to its bytes, least recently used first. */
  private readonly blocks = new Map<number, Uint8Array>();
  /** Where reads of no block, or of a block's end, ended, the latest last: who goes on there reads in order. */
  private readonly ends = new Set<number>();
  private lastNumber = -1;
  private lastBlock: Uint8Array = new Uint8Array(0);

  constructor(
    private readonly fd: number,
    readonly name: string,
    readonly notes: readonly string[] = [],
  ) {
    this.size = fstatSync(fd).size;
  }

  read(offset: number, length: number): Uint8Array {
    const end = Math.min(offset + length, this.size);
    if (end <= offset) return new Uint8Array(0);
    const first = Math.floor(offset / BLOCK_SIZE);
    if (Math.floor((end - 1) / BLOCK_SIZE) === first && this.isWorthBlock(first, offset)) {
      const start = first * BLOCK_SIZE;
      if (end === start + BLOCK_SIZE) this.noteEnd(end);
      return this.block(first).subarray(offset - start, end - start);
    }
    const bytes = new Uint8Array(end - offset);
    this.fill(bytes, offset);
    this.noteEnd(end);
    return bytes;
  }

  probe(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
    this.fill(bytes, offset);
    return bytes;
  }

  readInto(bytes: Uint8Array, offset: number): number {
    const there = Math.max(0, Math.min(bytes.length, this.size - offset));
    this.fill(bytes.subarray(0, there), offset);
    return there;
  }

  *stream(offset: number, length: number): Generator<Uint8Array> {
    const end = Math.min(offset + length, this.size);
    const buffer = new Uint8Array(Math.min(BLOCK_SIZE, Math.max(0, end - offset)));
    for (let at = offset; at < end; at += buffer.length) {
      const piece = buffer.subarray(0, Math.min(buffer.length, end - at));
      this.fill(piece, at);
      yield piece;
    }
  }

  close(): void {
    this.blocks.clear();
    closeSync(this.fd);
  }

  private isWorthBlock(number: number, offset: number): boolean {
    if (number === this.lastNumber || this.size <= BLOCKS_KEPT * BLOCK_SIZE) return true;
    return this.blocks.has(number) || this.ends.delete(offset);
  }

  private noteEnd(end: number): void {
    if (this.ends.size >= BLOCKS_KEPT) this.ends.delete(this.ends.keys().next().value!);
    this.ends.add(end);
  }

  private block(number: number): Uint8Array {
    if (number === this.lastNumber) return this.lastBlock;
    let bytes = this.blocks.get(number);
    if (bytes) {
      this.blocks.delete(number);
    } else {
      const start = number * BLOCK_SIZE;
      bytes = new Uint8Array(Math.min(BLOCK_SIZE, this.size - start));
      this.fill(bytes, start);
      if (this.blocks.size >= BLOCKS_KEPT) this.blocks.delete(this.blocks.keys().next().value!);
    }
    this.blocks.set(number, bytes);
    this.lastNumber = number;
    this.lastBlock = bytes;
    return bytes;
  }

  private failure(error: unknown, offset: number): InputError {
    return new InputError(`${this.name}: ${reasonOf(error)} (at offset 0x${offset.toString(16)})`);
  }

  private fill(bytes: Uint8Array, offset: number): void {
    let done = 0;
    try {
      while (done < bytes.length) {
        const got = readSync(this.fd, bytes, done, bytes.length - done, offset + done);
        // The file shrank under us: what is missing reads as zeros, like a hole.
        if (got === 0) {
          bytes.fill(0, done);
          return;
        }
        done += got;
      }
    } catch (error) {
      throw this.failure(error, offset + done);
    }
  }
}
