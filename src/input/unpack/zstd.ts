import type { ZSTDDecoder } from "zstddec/stream";
import { InputError } from "../../ground/errors.js";
import type { Output } from "./output.js";
import { ZSTD_MAGIC, ZstdGuard, zstdHeader } from "./zstd-frames.js";

/** zstd frames (RFC 8878), decoded by the reference decoder as WASM: on a kernel it takes a 22nd of pure JavaScript's time. */

async function newDecoder(): Promise<ZSTDDecoder> {
  const { ZSTDDecoder } = await import("zstddec/stream");
  const decoder = new ZSTDDecoder();
  await decoder.init();
  return decoder;
}

/** Pieces of the input that are given to the decoder at once. */
const PIECE = 256 * 1024;
/** Empty answers in a row after which the decoder is taken to have failed: it has no other way to say so. */
const PATIENCE = 16;

/** Decodes the frames at the beginning; what stands behind them is no part of the output. */
export async function unzstd(input: Uint8Array, output: Output): Promise<void> {
  const decoder = await newDecoder();
  for (let at = 0; at + 4 <= input.length && le32(input, at) === ZSTD_MAGIC; ) {
    const end = frameEnd(input, at);
    const frame = input.subarray(at, end);
    const whole = decodeWhole(decoder, frame, zstdHeader(input, at).contentSize ?? sizeBehind(input, end));
    if (whole === undefined) decodePieces(decoder, frame, output);
    else output.take(whole);
    at = end;
  }
}

/** Larger frames are decoded in pieces: the decoder's own memory holds both sides of a whole one. */
const MAX_WHOLE = 256 * 1024 * 1024;

/**
 * A frame at once, which takes a third of the time and no window. Undefined where the size is not known, and where it is
 * not true or the frame is damaged, which the other way then tells.
 */
function decodeWhole(decoder: ZSTDDecoder, frame: Uint8Array, size: number | undefined): Uint8Array | undefined {
  if (size === undefined || size === 0 || size > MAX_WHOLE || frame.length > MAX_WHOLE) return undefined;
  const out = decoder.decode(frame, size);
  return out.length === size ? out : undefined;
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

/** Where a frame ends: behind its header come blocks that each say their size, then a checksum. */
function frameEnd(input: Uint8Array, start: number): number {
  const { size, checksum } = zstdHeader(input, start);
  let at = start + size;
  for (;;) {
    if (at + 3 > input.length) throw new InputError("it is cut short");
    const header = input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16);
    const type = (header >> 1) & 3;
    if (type === 3) throw new InputError("a block makes no sense");
    at += 3 + (type === 1 ? 1 : header >> 3);
    if (header & 1) break;
  }
  if (checksum) at += 4;
  if (at > input.length) throw new InputError("it is cut short");
  return at;
}

function le32(b: Uint8Array, i: number): number {
  return (b[i]! | (b[i + 1]! << 8) | (b[i + 2]! << 16) | (b[i + 3]! << 24)) >>> 0;
}
