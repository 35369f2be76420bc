import { InputError } from "../../ground/errors.js";
import { MAX_DICTIONARY } from "../../ground/limits.js";
import { le32 } from "./le32.js";

/** zstd frames (RFC 8878, 3.1.1): magic, header, blocks that each say their size, a checksum. */
export const ZSTD_MAGIC = 0xfd2fb528;
/** Frames that decoders pass over: 0x184d2a50 to 0x184d2a5f, then a size. */
const SKIPPABLE = 0x184d2a5;

/** Header sizes by the descriptor's bits. */
const ID_SIZES = [0, 1, 2, 4];
export const LONGEST_HEADER = 18;

/** What a frame's header says. `start` is where its magic begins. */
export function zstdHeader(bytes: Uint8Array, start = 0) {
  const descriptor = bytes[start + 4] ?? 0;
  const singleSegment = (descriptor & 0x20) !== 0;
  const contentSizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const size = 5 + (singleSegment ? 0 : 1) + ID_SIZES[descriptor & 3]! + contentSizeBytes;
  let contentSize: number | undefined;
  if (contentSizeBytes > 0) {
    contentSize = contentSizeBytes === 2 ? 256 : 0;
    for (let i = 0; i < contentSizeBytes; i++)
      contentSize += (bytes[start + size - contentSizeBytes + i] ?? 0) * 256 ** i;
  }
  const code = bytes[start + 5] ?? 0;
  const window = singleSegment ? contentSize! : (1 + (code & 7) / 8) * 2 ** (10 + (code >> 3));
  return { size, contentSize, window, checksum: (descriptor & 4) !== 0 };
}

/** Looks at a stream on its way to a decoder that would believe whatever window a frame names. */
export class ZstdGuard {
  /** What of a header, or of a block's, has come. */
  private held: number[] = [];
  /** Bytes that are not looked at. */
  private skip = 0;
  private inFrame = false;
  private checksum = false;

  /** Throws InputError where a frame wants more memory than it may have. */
  look(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.skip > 0) {
        const passed = Math.min(this.skip, chunk.length - at);
        this.skip -= passed;
        at += passed;
      } else {
        this.held.push(chunk[at++]!);
        if (this.inFrame) this.block();
        else this.header();
      }
    }
  }

  private header(): void {
    const { held } = this;
    if (held.length < 5) return;
    const magic = le32(held, 0);
    if (magic >>> 4 === SKIPPABLE) {
      if (held.length < 8) return;
      this.skip = le32(held, 4);
      this.held = [];
      return;
    }
    // What is no frame is the decoder's to refuse.
    if (magic !== ZSTD_MAGIC) {
      this.skip = Number.POSITIVE_INFINITY;
      return;
    }
    const bytes = Uint8Array.from(held);
    const { size, window, checksum } = zstdHeader(bytes);
    if (held.length < size && held.length < LONGEST_HEADER) return;
    if (window > MAX_DICTIONARY)
      throw new InputError(
        `a zstd frame wants ${window} bytes of memory to be unpacked, more than ${MAX_DICTIONARY}: unpack it first, by zstd itself`,
      );
    this.held = [];
    this.inFrame = true;
    this.checksum = checksum;
  }

  private block(): void {
    const { held } = this;
    if (held.length < 3) return;
    const header = held[0]! | (held[1]! << 8) | (held[2]! << 16);
    this.held = [];
    this.skip = ((header >> 1) & 3) === 1 ? 1 : header >> 3;
    if ((header & 1) === 0) return;
    this.inFrame = false;
    if (this.checksum) this.skip += 4;
  }
}
