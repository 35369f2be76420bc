import { createGunzip, type Gunzip } from "node:zlib";
import { InputError } from "../ground/errors.js";
import type { Source } from "./source.js";
import { Spool } from "./spool.js";
import { magicOf, type Packing, packingOf } from "./unpack/packing.js";

export type Compression = Extract<Packing, "gzip" | "zstd" | "xz"> | "none";

/** Tells the compression from the first bytes. */
export function compressionOf(start: Uint8Array): Compression {
  const packing = packingOf(start);
  return packing === "gzip" || packing === "zstd" || packing === "xz" ? packing : "none";
}

/** Bytes that tell the compression. */
export const COMPRESSION_MAGIC = magicOf("xz").length;

/**
 * Passes the decompressed bytes of `chunks` on to `sink`. A stream that is damaged or ends early gives what could be
 * decompressed; the reason is returned.
 */
export async function decompress(
  compression: Compression,
  chunks: AsyncIterable<Uint8Array>,
  sink: (chunk: Uint8Array) => void,
): Promise<string | undefined> {
  switch (compression) {
    case "none":
      for await (const chunk of chunks) sink(chunk);
      return undefined;
    case "gzip":
      return gunzip(chunks, sink);
    case "zstd":
      return unzstd(chunks, sink);
    case "xz":
      return xz(chunks, sink);
  }
}

/** zlib gives nothing of a piece that it finds damaged: small ones lose little. */
const GUNZIP_PIECE = 16 * 1024;

async function gunzip(
  chunks: AsyncIterable<Uint8Array>,
  sink: (chunk: Uint8Array) => void,
): Promise<string | undefined> {
  const stream: Gunzip = createGunzip({ chunkSize: 256 * 1024 });
  let sinkError: unknown;
  // As events, not by iterating: an error would take back what was decompressed but not yet asked for.
  stream.on("data", (chunk: Uint8Array) => {
    try {
      sink(chunk);
    } catch (error) {
      sinkError = error;
      stream.destroy();
    }
  });
  const ended = new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    stream.on("error", resolve);
    stream.on("close", () => resolve(undefined));
    stream.on("end", () => resolve(undefined));
  });
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length && !stream.destroyed; at += GUNZIP_PIECE) {
      if (!stream.write(chunk.subarray(at, at + GUNZIP_PIECE))) await writable(stream);
    }
    if (stream.destroyed) break;
  }
  if (!stream.destroyed) stream.end();
  const error = await ended;
  if (sinkError !== undefined) throw sinkError;
  return error && `gzip: ${error.message}`;
}

/** Resolves when the stream takes more, or never will. */
function writable(stream: Gunzip): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.on("drain", done);
    stream.on("close", done);
  });
}

async function unzstd(
  chunks: AsyncIterable<Uint8Array>,
  sink: (chunk: Uint8Array) => void,
): Promise<string | undefined> {
  const { unzstdStream } = await import("./unpack/zstd.js");
  const pieces = unzstdStream(chunks);
  for (;;) {
    let piece: IteratorResult<Uint8Array>;
    try {
      piece = await pieces.next();
    } catch (error) {
      if (error instanceof InputError) throw error;
      return `zstd: ${(error as Error).message}`;
    }
    if (piece.done) return undefined;
    sink(piece.value);
  }
}

/** The decoder goes back in what it reads: what comes in pieces is kept, beyond some of it in a nameless file. */
async function xz(chunks: AsyncIterable<Uint8Array>, sink: (chunk: Uint8Array) => void): Promise<string | undefined> {
  const packed = new Spool(() => true);
  try {
    for await (const chunk of chunks) packed.write(chunk);
  } catch (error) {
    packed.discard();
    throw error;
  }
  const source = packed.finish("<packed>", []);
  try {
    return await decompressXz(source, sink);
  } finally {
    source.close();
  }
}

/** The same as decompress() for xz that can be read in place. */
export async function decompressXz(source: Source, sink: (chunk: Uint8Array) => void): Promise<string | undefined> {
  const { xzPieces } = await import("./unpack/xz.js");
  const { PassedOn } = await import("./unpack/output.js");
  const output = new PassedOn();
  const pieces = xzPieces(source, 0, output);
  for (;;) {
    let piece: IteratorResult<Uint8Array>;
    try {
      piece = pieces.next();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      sink(output.fresh());
      return `xz: ${error.message}`;
    }
    if (piece.done) return undefined;
    // The output uses its memory again.
    if (piece.value.length > 0) sink(piece.value.slice());
  }
}
