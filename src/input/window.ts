import type { Source } from "./source.js";

/**
 * A reader's own place in a source, for going through much of it in order: the same memory is filled again and again,
 * which costs a tenth of what fresh memory does.
 */
export class Window {
  private memory = new Uint8Array(0);
  /** What it holds now: from `start` in the source. */
  private start = 0;
  private filled = 0;

  /** @param ahead bytes that are read at once */
  constructor(
    private readonly source: Source,
    private readonly ahead: number,
  ) {}

  /** As Source.read(), but valid until the next read() only. */
  read(offset: number, length: number): Uint8Array {
    const at = offset - this.start;
    if (at >= 0 && at + length <= this.filled) return this.memory.subarray(at, at + length);
    const size = Math.max(0, Math.min(Math.max(length, this.ahead), this.source.size - offset));
    if (this.memory.length < size) this.memory = new Uint8Array(size);
    this.filled = this.source.readInto(this.memory.subarray(0, size), offset);
    this.start = offset;
    return this.memory.subarray(0, Math.min(length, this.filled));
  }
}
