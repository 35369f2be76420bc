import { MAX_INPUT_IN_MEMORY } from "../../ground/limits.js";
import { type Hole, MadeSource, type Source } from "../source.js";
import type { PhysicalMemory } from "./physical.js";

/** Bytes that are asked for at once. */
const PIECE = 1024 * 1024;

/** A stretch of a machine's memory as an input of its own. Pages that the dump has not are its holes. */
export class MemoryWindow extends MadeSource implements Source {
  readonly notes: readonly string[] = [];
  readonly holes: readonly Hole[];
  /** All of it, where that is little: packed pages are then unpacked once. */
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
    if (size <= MAX_INPUT_IN_MEMORY) {
      const { bytes, damaged } = copyAround(machine, start, size, holes);
      this.bytes = bytes;
      holes.push(...damaged);
      holes.sort((one, other) => one.offset - other.offset);
    }
    this.holes = holes;
  }

  get name(): string {
    return `${this.machine.name}@0x${this.start.toString(16)}`;
  }

  read(offset: number, length: number): Uint8Array {
    let end = Math.min(offset + length, this.size);
    for (const hole of this.holes) {
      if (hole.offset + hole.length <= offset) continue;
      if (hole.offset < end) end = Math.max(offset, hole.offset);
      break;
    }
    if (end <= offset) return new Uint8Array(0);
    return this.bytes?.subarray(offset, end) ?? this.machine.read(this.start + offset, end - offset);
  }

  override *stream(offset: number, length: number): Generator<Uint8Array> {
    const end = Math.min(offset + length, this.size);
    for (let at = offset; at < end; ) {
      const bytes = this.read(at, Math.min(PIECE, end - at));
      if (bytes.length === 0) return;
      yield bytes;
      at += bytes.length;
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
