import { MAX_INPUT_IN_MEMORY } from "../../ground/limits.js";
import { type Hole, MadeSource, type Source } from "../source.js";
import type { PhysicalMemory } from "./physical.js";

/** Bytes that are asked for at once. */
const PIECE = 1024 * 1024;

/** A stretch of a machine's memory as an input of its own. Pages that the dump has not are its holes. */
export class MemoryWindow extends MadeSource implements Source {
  readonly notes: readonly string[] = [];
  readonly holes: readonly Hole[];
  /** All of it, where that is little and packed: each page is unpacked once. */
  private readonly bytes: Uint8Array | undefined;
  /** Raw memory may begin anywhere: its addresses are places in the file. */
  readonly physicalStart: number | undefined;

  constructor(
    readonly machine: PhysicalMemory,
    private readonly start: number,
    readonly size: number,
  ) {
    super();
    this.physicalStart = machine.format === "raw" ? undefined : start;
    const holes = machine
      .gaps(start, start + size)
      .map((gap) => ({ offset: gap.start - start, length: gap.end - gap.start }));
    if (machine.packed && size <= MAX_INPUT_IN_MEMORY) {
      const { bytes, damaged } = copyAround(machine, start, size, holes);
      this.bytes = bytes;
      this.holes = [...holes, ...damaged].sort((one, other) => one.offset - other.offset);
    } else this.holes = holes;
  }

  get name(): string {
    return `${this.machine.name}@0x${this.start.toString(16)}`;
  }

  read(offset: number, length: number): Uint8Array {
    const end = this.endOf(offset, length);
    if (end <= offset) return new Uint8Array(0);
    return this.bytes?.subarray(offset, end) ?? this.machine.read(this.start + offset, end - offset);
  }

  override readInto(bytes: Uint8Array, offset: number): number {
    const end = this.endOf(offset, bytes.length);
    if (end <= offset) return 0;
    if (this.bytes === undefined) return this.machine.readInto(bytes.subarray(0, end - offset), this.start + offset);
    bytes.set(this.bytes.subarray(offset, end));
    return end - offset;
  }

  /** Where a stretch that is asked for ends: there, or before a hole. */
  private endOf(offset: number, length: number): number {
    const end = Math.min(offset + length, this.size);
    const hole = this.holes.find((each) => each.offset + each.length > offset);
    return hole !== undefined && hole.offset < end ? Math.max(offset, hole.offset) : end;
  }

  override *stream(offset: number, length: number): Generator<Uint8Array> {
    const end = Math.min(offset + length, this.size);
    const buffer = new Uint8Array(Math.max(0, Math.min(PIECE, end - offset)));
    for (let at = offset; at < end; ) {
      const got = this.readInto(buffer.subarray(0, end - at), at);
      if (got === 0) return;
      yield buffer.subarray(0, got);
      at += got;
    }
  }

  close(): void {
    this.machine.close();
  }
}

/** The smallest page of any machine. */
const PAGE = 4096;

/** The bytes around the holes, and where the dump says that it has a page that cannot be unpacked. */
function copyAround(memory: PhysicalMemory, start: number, size: number, holes: readonly Hole[]) {
  const bytes = new Uint8Array(size);
  const damaged: Hole[] = [];
  const ends = [...holes, { offset: size, length: 0 }];
  let at = 0;
  for (const { offset, length } of ends) {
    while (at < offset) {
      const got = memory.read(start + at, offset - at);
      bytes.set(got, at);
      at += got.length;
      if (at >= offset) break;
      const page = Math.min(PAGE - ((start + at) % PAGE), offset - at);
      damaged.push({ offset: at, length: page });
      at += page;
    }
    at = offset + length;
  }
  return { bytes, damaged };
}
