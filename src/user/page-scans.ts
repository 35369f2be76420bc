import type { Bytes } from "../ground/bytes.js";
import type { Image } from "../image/image.js";
import type { BufferPages } from "../kernel/buffer-page.js";
import { isZero } from "../reading/resync/words.js";
import { SubbufHeader, type SubbufScan } from "../ring/subbuf.js";
import { lookAt } from "./state.js";

const HAS_EVENTS = 1;
const HAS_RESIDUE = 2;

/**
 * What lies on each of a CPU's sub-buffers at one moment, by their place in a list: a column a fact, as a large ring has
 * millions of them. What is 0 is not written: columns of an empty ring take no memory.
 */
export class PageScans {
  private readonly times: BigUint64Array;
  private readonly commitHi: Uint32Array;
  private readonly commitLo: Uint32Array;
  /** Few have one. */
  private readonly missedCounts = new Map<number, bigint>();
  private readonly eventCounts: Uint32Array;
  private readonly firsts: BigUint64Array;
  private readonly lasts: BigUint64Array;
  private readonly flags: Uint8Array;

  /**
   * @param slots the sub-buffers, in the order that is asked for
   * @param residue look through what is not committed, too
   */
  constructor(image: Image, pages: BufferPages, slots: Int32Array, residue = false) {
    const { length } = slots;
    this.times = new BigUint64Array(length);
    this.commitHi = new Uint32Array(length);
    this.commitLo = new Uint32Array(length);
    this.eventCounts = new Uint32Array(length);
    this.firsts = new BigUint64Array(length);
    this.lasts = new BigUint64Array(length);
    this.flags = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      const bytes = lookAt(image, pages.at(slots[i]!));
      const scan = image.subbufs.scan(bytes);
      this.set(i, scan);
      if (residue && scan.header.size === 0 && holdsBytes(bytes, image.subbufs.headerSize))
        this.flags[i]! |= HAS_RESIDUE;
    }
  }

  private set(i: number, { header, events, firstTime, lastTime }: SubbufScan): void {
    const { timeStamp, commitHi, commitLo, missedCount } = header;
    if (timeStamp !== 0n) this.times[i] = timeStamp;
    if (commitHi !== 0) this.commitHi[i] = commitHi;
    if (commitLo !== 0) this.commitLo[i] = commitLo;
    if (missedCount !== undefined) this.missedCounts.set(i, missedCount);
    if (events > 0) {
      this.eventCounts[i] = events;
      this.firsts[i] = firstTime!;
      this.lasts[i] = lastTime!;
      this.flags[i]! |= HAS_EVENTS;
    }
  }

  header(i: number): SubbufHeader {
    return new SubbufHeader(this.times[i]!, this.commitHi[i]!, this.commitLo[i]!, this.missedCounts.get(i));
  }

  events(i: number): number {
    return this.eventCounts[i]!;
  }

  firstTime(i: number): bigint | undefined {
    return this.has(i, HAS_EVENTS) ? this.firsts[i]! : undefined;
  }

  lastTime(i: number): bigint | undefined {
    return this.has(i, HAS_EVENTS) ? this.lasts[i]! : undefined;
  }

  /** Nothing is committed, but its data is not zeros: where that was looked for. */
  hasResidue(i: number): boolean {
    return this.has(i, HAS_RESIDUE);
  }

  private has(i: number, flag: number): boolean {
    return (this.flags[i]! & flag) !== 0;
  }
}

function holdsBytes({ view, length }: Bytes, start: number): boolean {
  return !isZero(view, Math.min(start, length), length & ~3);
}
