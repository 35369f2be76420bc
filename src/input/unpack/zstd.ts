import type { ZSTDDecoder } from "zstddec/stream";
import { InputError } from "../../ground/errors.js";
import { le32 } from "./le32.js";
import type { Output } from "./output.js";
import { LONGEST_HEADER, ZSTD_MAGIC, ZstdGuard, zstdHeader } from "./zstd-frames.js";

/** zstd frames (RFC 8878), decoded by the reference decoder as WASM: on a kernel it takes a 22nd of pure JavaScript's time. */

async function newDecoder(): Promise<ZSTDDecoder> {
  const { ZSTDDecoder } = await import("zstddec/stream");
  const decoder = new ZSTDDecoder();
  // It is compiled once for all; whoever begins with it is told the code.
  const begin = decoder._init;
  decoder._init = (compiled) => {
    code = compiled.module;
    begin(compiled);
  };
  await decoder.init();
  return decoder;
}

let code: object | undefined;

/** No types of Node's have it. */
declare const WebAssembly: { readonly Instance: new (code: object, imports: object) => { readonly exports: unknown } };

/** What of the code is called here: addresses in its memory, sizes. */
interface Decoder {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly malloc: (size: number) => number;
  readonly ZSTD_decompress: (to: number, capacity: number, from: number, size: number) => number;
}

/** Pieces of the input that are given to the decoder at once. */
const PIECE = 256 * 1024;
/** Empty answers in a row after which the decoder is taken to have failed: it has no other way to say so. */
const PATIENCE = 16;

/** Decodes the frames at the beginning; what stands behind them is no part of the output. */
export async function unzstd(input: Uint8Array, output: Output): Promise<void> {
  const decoder = await newDecoder();
  for (let at = 0; at + 4 <= input.length && le32(input, at) === ZSTD_MAGIC; ) {
    const { end, blocks } = frameAt(input, at);
    const bytes = input.subarray(at, end);
    const size = zstdHeader(input, at).contentSize ?? sizeBehind(input, end);
    const whole = decodeWhole(decoder, { bytes, blocks, size });
    if (whole === undefined) decodePieces(decoder, bytes, output);
    else output.take(whole);
    at = end;
  }
}

/** Larger frames are decoded in pieces: the decoder's own memory holds a whole one. */
const MAX_WHOLE = 256 * 1024 * 1024;
/** A block decodes to no more (RFC 8878, 3.1.1.2.4). */
const MAX_BLOCK = 128 * 1024;
const BLOCK_HEADER = 3;
const CHECKSUM = 4;

/** The frame of a large file at least, which a memory of its own is worth: each takes gigabytes of addresses. */
const MIN_OWN = 16 * 1024 * 1024;

/** A frame, as it lies in a file. */
interface Frame {
  readonly bytes: Uint8Array;
  readonly blocks: number;
  /** What it decodes to, where that is known. */
  readonly size: number | undefined;
}

/**
 * A frame at once, which takes a third of the time and no window. Undefined where the size is not known, and where it is not
 * true or the frame is damaged, which the other way then tells.
 */
function decodeWhole(decoder: ZSTDDecoder, { bytes, blocks, size }: Frame): Uint8Array | undefined {
  if (size === undefined || size === 0 || size > MAX_WHOLE || bytes.length > MAX_WHOLE) return undefined;
  if (size >= MIN_OWN) return decodeInPlace(bytes, blocks, size);
  const out = decoder.decode(bytes, size);
  return out.length === size ? out : undefined;
}

/**
 * What is decoded stays in the memory that it was decoded into, which is nobody else's, and the frame lies at that memory's
 * end, where the decoder is through with it before it writes there: fresh memory costs as much as decoding does.
 */
function decodeInPlace(frame: Uint8Array, blocks: number, size: number): Uint8Array | undefined {
  const decoder = ownDecoder();
  if (decoder === undefined) return undefined;
  const { memory, malloc, ZSTD_decompress } = decoder;
  // How far the frame must reach beyond what is decoded in its place (ZSTD_decompressionMargin(), lib/zstd.h).
  const margin = LONGEST_HEADER + CHECKSUM + BLOCK_HEADER * blocks + MAX_BLOCK;
  const capacity = Math.max(size + margin, frame.length);
  const to = malloc(capacity);
  if (to === 0) return undefined;
  const from = to + capacity - frame.length;
  new Uint8Array(memory.buffer).set(frame, from);
  return ZSTD_decompress(to, size, from, frame.length) === size ? new Uint8Array(memory.buffer, to, size) : undefined;
}

/** Undefined where there are no more addresses for its memory. */
function ownDecoder(): Decoder | undefined {
  if (code === undefined) return undefined;
  try {
    const own = new WebAssembly.Instance(code, { env: { emscripten_notify_memory_growth: () => {} } });
    return own.exports as Decoder;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function decodePieces(decoder: ZSTDDecoder, frame: Uint8Array, output: Output): void {
  const stuck = new Impatience();
  try {
    for (const piece of decoder.decodeStreaming(pieces(frame))) {
      stuck.saw(piece);
      output.append(piece);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError((error as Error).message);
  }
}

/** A packed kernel has its size behind it (size_append, scripts/Makefile.lib), and frames from a pipe say none. */
function sizeBehind(input: Uint8Array, end: number): number | undefined {
  return end + 4 <= input.length && le32(input, end) !== ZSTD_MAGIC ? le32(input, end) : undefined;
}

/** Notices that the decoder goes round without an answer. */
class Impatience {
  private empty = 0;

  saw(piece: Uint8Array): void {
    this.empty = piece.length === 0 ? this.empty + 1 : 0;
    if (this.empty > PATIENCE) throw new Error("a frame is damaged");
  }
}

/**
 * Decodes frames as they come; what was decoded before they break off is given. Throws InputError for a frame that wants too
 * much memory, an Error for a damaged one.
 */
export async function* unzstdStream(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = await newDecoder();
  const source = chunks[Symbol.asyncIterator]();
  let waiting: Uint8Array | undefined;
  // The decoder takes a piece of the input at most for each piece that it is asked for: so one is always there.
  const decoded = decoder.decodeStreaming(
    (function* () {
      for (let chunk = waiting; chunk !== undefined; chunk = waiting) {
        waiting = undefined;
        yield chunk;
      }
    })(),
  );
  const stuck = new Impatience();
  const guard = new ZstdGuard();
  for (let ended = false; ; ) {
    while (waiting === undefined && !ended) {
      const { value, done } = await source.next();
      if (done) ended = true;
      else if (value.length > 0) {
        guard.look(value);
        waiting = value;
      }
    }
    const { value, done } = decoded.next();
    if (done) return;
    stuck.saw(value);
    if (value.length > 0) yield value;
  }
}

/** Decodes single blocks of a known size, such as pages. Undefined for one that is damaged. */
export async function zstdBlocks(): Promise<(block: Uint8Array, size: number) => Uint8Array | undefined> {
  const decoder = await newDecoder();
  return (block, size) => {
    const out = decoder.decode(block, size);
    return out.length === size ? out : undefined;
  };
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
}

/** Where a frame ends, and how many blocks it has: behind its header come blocks that each say their size, then a checksum. */
function frameAt(input: Uint8Array, start: number): { readonly end: number; readonly blocks: number } {
  const { size, checksum } = zstdHeader(input, start);
  let at = start + size;
  for (let blocks = 1; ; blocks++) {
    if (at + BLOCK_HEADER > input.length) throw new InputError("it is cut short");
    const header = input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16);
    const type = (header >> 1) & 3;
    if (type === 3) throw new InputError("a block makes no sense");
    at += BLOCK_HEADER + (type === 1 ? 1 : header >> 3);
    if ((header & 1) === 0) continue;
    const end = checksum ? at + CHECKSUM : at;
    if (end > input.length) throw new InputError("it is cut short");
    return { end, blocks };
  }
}
