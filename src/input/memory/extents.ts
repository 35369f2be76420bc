import type { Source } from "../source.js";
import {
  disjoint,
  gapsBetween,
  type MemoryFormat,
  type MemoryPiece,
  type MemoryRange,
  type PhysicalMemory,
  rangeAt,
  sizeOf,
} from "./physical.js";

/** A range of memory that lies in a file as it is. */
export interface Extent extends MemoryRange {
  /** Where in the file. */
  readonly offset: number;
}

export interface MemoryFile {
  readonly format: MemoryFormat;
  readonly extents: readonly Extent[];
  readonly vmcoreinfo?: string | undefined;
  readonly notes?: readonly string[];
}

/** Memory that lies in a file uncompressed: raw, ELF core, LiME. */
export class ExtentMemory implements PhysicalMemory {
  readonly format: MemoryFormat;
  readonly ranges: readonly Extent[];
  readonly size: number;
  readonly packed = false;
  vmcoreinfo: string | undefined;
  readonly notes: readonly string[];

  constructor(
    private readonly source: Source,
    { format, extents, vmcoreinfo, notes = [] }: MemoryFile,
  ) {
    this.format = format;
    const there = extents.map((extent) => withinFile(extent, source.size));
    this.ranges = disjoint(there, (extent, start) => ({
      ...extent,
      start,
      offset: extent.offset + start - extent.start,
    }));
    this.size = sizeOf(this.ranges);
    this.vmcoreinfo = vmcoreinfo;
    const missing = extents.reduce((sum, extent, i) => sum + extent.end - there[i]!.end, 0);
    const cut = missing > 0 ? [`${source.name}: the file is cut short: ${missing} bytes of memory are missing`] : [];
    this.notes = [...source.notes, ...notes, ...cut];
  }

  get name(): string {
    return this.source.name;
  }

  read(address: number, length: number): Uint8Array {
    const extent = this.ranges[rangeAt(this.ranges, address)];
    if (extent === undefined || extent.start > address || length <= 0) return new Uint8Array(0);
    const offset = extent.offset + address - extent.start;
    const here = Math.min(length, extent.end - address);
    const bytes = this.source.read(offset, here);
    if (here === length || bytes.length < here) return bytes;
    // The next range may begin right here: ELF cores cut memory where the kernel's own begins.
    const rest = this.read(extent.end, length - here);
    if (rest.length === 0) return bytes;
    const whole = new Uint8Array(here + rest.length);
    whole.set(bytes);
    whole.set(rest, here);
    return whole;
  }

  readInto(bytes: Uint8Array, address: number): number {
    const extent = this.ranges[rangeAt(this.ranges, address)];
    if (extent === undefined || extent.start > address || bytes.length === 0) return 0;
    const here = Math.min(bytes.length, extent.end - address);
    const got = this.source.readInto(bytes.subarray(0, here), extent.offset + address - extent.start);
    return got < here ? got : here + this.readInto(bytes.subarray(here), extent.end);
  }

  gaps(start: number, end: number): MemoryRange[] {
    return gapsBetween(this.ranges, start, end);
  }

  *pieces(address = 0): Generator<MemoryPiece> {
    for (const extent of this.ranges.slice(rangeAt(this.ranges, address))) {
      let at = Math.max(extent.start, address);
      for (const bytes of this.source.stream(extent.offset + at - extent.start, extent.end - at)) {
        yield { address: at, bytes };
        at += bytes.length;
      }
    }
  }

  close(): void {
    this.source.close();
  }
}

function withinFile(extent: Extent, size: number): Extent {
  const there = Math.max(0, Math.min(extent.end - extent.start, size - extent.offset));
  return { ...extent, end: extent.start + there };
}

/** A file whose bytes are memory from `start` on. */
export function rawMemory(source: Source, start = 0): ExtentMemory {
  return new ExtentMemory(source, { format: "raw", extents: [{ start, end: start + source.size, offset: 0 }] });
}
