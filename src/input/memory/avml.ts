import { InputError } from "../../ground/errors.js";
import { lastUpTo } from "../../ground/last-up-to.js";
import type { Source } from "../source.js";
import { Output } from "../unpack/output.js";
import { walkRanges } from "./lime.js";
import { PagedMemory } from "./paged.js";
import { disjoint, type MemoryRange, rangeAt, sizeOf } from "./physical.js";
import { unsnappy } from "./snappy.js";

/** Chunks of a snappy stream (google/snappy's framing_format.txt): a type, three bytes of length, that many bytes. */
const CHUNK_HEADER = 4;
const COMPRESSED = 0;
const UNCOMPRESSED = 1;
const STREAM_START = 0xff;
/** Types from here on may be passed over by who does not know them. */
const SKIPPABLE = 0x80;
/** Each chunk begins with a checksum of what it unpacks to, at most 64 KiB. */
const CHECKSUM = 4;
const MAX_CHUNK = 64 * 1024;
/** Behind each stream stands its length. */
const LENGTH_SIZE = 8;

/** A range: where its stream lies. */
interface Block extends MemoryRange {
  readonly offset: number;
  readonly bytes: number;
}

/** A block's chunks: where each begins in the file, and how many bytes of memory come before it. */
interface Chunks {
  readonly offsets: number[];
  readonly starts: number[];
}

const PAGE = 4096;

/**
 * AVML's compressed dump: ranges, each a snappy stream of its own. Blocks of nothing but zeros are left out of some, and
 * cannot be told from memory that was not saved.
 */
export class AvmlMemory extends PagedMemory {
  readonly format = "avml";
  readonly ranges: readonly Block[];
  readonly size: number;
  vmcoreinfo: string | undefined;
  readonly notes: readonly string[];
  private chunks: { readonly block: Block; readonly chunks: Chunks } | undefined;
  private chunk: { readonly offset: number; readonly bytes: Uint8Array | undefined } | undefined;

  constructor(private readonly source: Source) {
    super(PAGE);
    const blocks: Block[] = [];
    const broken: string[] = [];
    const notes = walkRanges(source, "avml", (range, offset) => {
      const size = range.end - range.start;
      const { end, unpacked } = streamOf(source, offset, size);
      // Where the stream breaks off the range does: what a damaged header claims beyond is nowhere in the file.
      blocks.push({ start: range.start, end: range.start + Math.min(size, unpacked), offset, bytes: end - offset });
      if (unpacked >= size) return end + LENGTH_SIZE;
      broken.push(
        `${source.name}: a compressed range breaks off: the rest of it is missing (it begins at offset 0x${offset.toString(16)})`,
      );
      return undefined;
    });
    this.ranges = disjoint(blocks, (block) => block);
    this.size = sizeOf(this.ranges);
    this.notes = [...source.notes, ...broken, ...notes];
  }

  get name(): string {
    return this.source.name;
  }

  protected nextUnit(number: number): number | undefined {
    const address = number * PAGE;
    const block = this.ranges[rangeAt(this.ranges, address)];
    return block && Math.max(number, Math.ceil(block.start / PAGE));
  }

  protected unpackUnit(number: number): Uint8Array | undefined {
    const address = number * PAGE;
    const block = this.ranges[rangeAt(this.ranges, address)];
    if (block === undefined || block.start > address) return undefined;
    const { offsets, starts } = this.chunksOf(block);
    const within = address - block.start;
    let i = lastUpTo(starts.length, (i) => starts[i]!, within);
    const size = Math.min(PAGE, block.end - address);
    const page = new Uint8Array(size);
    for (let done = 0; done < size; i++) {
      const bytes = i >= 0 && i < offsets.length ? this.unpackChunk(offsets[i]!) : undefined;
      const from = within + done - (starts[i] ?? 0);
      if (bytes === undefined || from >= bytes.length) return undefined;
      const piece = bytes.subarray(from, from + size - done);
      page.set(piece, done);
      done += piece.length;
    }
    return page;
  }

  private chunksOf(block: Block): Chunks {
    if (this.chunks?.block === block) return this.chunks.chunks;
    const chunks: Chunks = { offsets: [], starts: [] };
    let start = 0;
    for (const { offset, unpacked } of chunksIn(this.source, block.offset, block.offset + block.bytes)) {
      chunks.offsets.push(offset);
      chunks.starts.push(start);
      start += unpacked;
      if (start >= block.end - block.start) break;
    }
    this.chunks = { block, chunks };
    return chunks;
  }

  /** A chunk's bytes; undefined where it is damaged. */
  private unpackChunk(offset: number): Uint8Array | undefined {
    if (this.chunk?.offset === offset) return this.chunk.bytes;
    const header = this.source.read(offset, CHUNK_HEADER);
    const length = header[1]! | (header[2]! << 8) | (header[3]! << 16);
    const data = this.source.read(offset + CHUNK_HEADER + CHECKSUM, length - CHECKSUM);
    this.chunk = { offset, bytes: header[0] === UNCOMPRESSED ? data.slice() : unsnappyChunk(data) };
    return this.chunk.bytes;
  }

  close(): void {
    this.source.close();
  }
}

function unsnappyChunk(data: Uint8Array): Uint8Array | undefined {
  try {
    const output = new Output(MAX_CHUNK, MAX_CHUNK);
    unsnappy(data, output);
    return output.finish();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return undefined;
  }
}

/** Where the stream of a range of `size` bytes ends, and what it unpacks to: less where the file is cut or damaged. */
function streamOf(source: Source, offset: number, size: number): { readonly end: number; readonly unpacked: number } {
  let unpacked = 0;
  let end = offset;
  for (const chunk of chunksIn(source, offset, source.size)) {
    unpacked += chunk.unpacked;
    end = chunk.end;
    if (unpacked >= size) break;
  }
  return { end, unpacked };
}

/** The chunks with data from `offset` on, as long as they make sense. */
function* chunksIn(
  source: Source,
  offset: number,
  limit: number,
): Generator<{ readonly offset: number; readonly end: number; readonly unpacked: number }> {
  for (let at = offset; at + CHUNK_HEADER <= limit; ) {
    const head = source.read(at, CHUNK_HEADER + CHECKSUM + 5);
    const type = head[0]!;
    const length = head[1]! | (head[2]! << 8) | (head[3]! << 16);
    const end = at + CHUNK_HEADER + length;
    if (end > limit) return;
    if (type === COMPRESSED || type === UNCOMPRESSED) {
      const unpacked = type === UNCOMPRESSED ? length - CHECKSUM : varintAt(head, CHUNK_HEADER + CHECKSUM);
      if (length <= CHECKSUM || unpacked > MAX_CHUNK) return;
      yield { offset: at, end, unpacked };
    } else if (type < SKIPPABLE && type !== STREAM_START) return;
    at = end;
  }
}

/** The length that a snappy block begins with. */
function varintAt(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[at + i] ?? 0;
    value += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) break;
  }
  return value;
}
