import { Bytes } from "../ground/bytes.js";
import type { CpuArea } from "./cpu-area.js";
import { type Image, subbufOffset } from "./image.js";

/** Bytes that are read at once: large enough for the disk, small enough to stay in the processor's cache. */
const READ_AHEAD = 256 * 1024;

/**
 * A CPU's sub-buffers for who goes through many of them as they lie. The same memory is filled again and again, and the
 * same objects stand for its places: nothing is allocated for a sub-buffer.
 */
export class SubbufWindow {
  private readonly memory: Uint8Array;
  /** By place in the memory. */
  private readonly pages: Bytes[] = [];
  /** Physical index of the first sub-buffer in the memory. */
  private first = 0;
  private filled = 0;

  constructor(
    private readonly image: Image,
    private readonly cpu: CpuArea,
  ) {
    const count = Math.min(cpu.nrSubbufs, Math.max(1, Math.floor(READ_AHEAD / cpu.subbufSize)));
    this.memory = new Uint8Array(count * cpu.subbufSize);
  }

  /** Fewer bytes than a sub-buffer where the image is cut off or has a hole; valid until the next is asked for. */
  read(index: number): Bytes {
    const { subbufSize } = this.cpu;
    let at = (index - this.first) * subbufSize;
    if (at < 0 || at + subbufSize > this.filled) {
      const { source } = this.image;
      const offset = subbufOffset(this.cpu, index);
      const there = Math.max(0, Math.min(this.memory.length, source.size - offset));
      this.filled = source.readInto(this.memory.subarray(0, there), offset);
      this.first = index;
      at = 0;
      if (this.filled < subbufSize) return this.bytes(0, this.filled, offset);
    }
    const place = at / subbufSize;
    const page = this.pages[place];
    if (page === undefined) {
      const made = this.bytes(at, subbufSize, subbufOffset(this.cpu, index));
      this.pages[place] = made;
      return made;
    }
    page.offset = subbufOffset(this.cpu, index);
    return page;
  }

  private bytes(at: number, length: number, offset: number): Bytes {
    return new Bytes(this.memory.subarray(at, at + length), this.image.layout.abi, offset);
  }
}
