import { createGunzip, type Gunzip } from "node:zlib";

export type Compression = "gzip" | "zstd" | "none";

/** Tells the compression from the first bytes (RFC 1952, RFC 8878). */
export function compressionOf(start: Uint8Array): Compression {
  if (start[0] === 0x1f && start[1] === 0x8b && start[2] === 8) return "gzip";
  if (start[0] === 0x28 && start[1] === 0xb5 && start[2] === 0x2f && start[3] === 0xfd) return "zstd";
  return "none";
}

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
  const { Decompress } = await import("fzstd");
  let sinkError: unknown;
  const stream = new Decompress((chunk) => {
    try {
      // fzstd reuses its window: the chunk must be copied before the next one comes.
      sink(chunk.slice());
    } catch (error) {
      sinkError = error;
      throw error;
    }
  });
  try {
    for await (const chunk of chunks) stream.push(chunk);
    stream.push(new Uint8Array(0), true);
    return undefined;
  } catch (error) {
    if (sinkError !== undefined) throw sinkError;
    return `zstd: ${(error as Error).message}`;
  }
}
