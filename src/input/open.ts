import { createReadStream, fstatSync, openSync, readSync } from "node:fs";
import { InputError } from "../ground/errors.js";
import { reasonOf } from "../ground/reason.js";
import { COMPRESSION_MAGIC, compressionOf, decompress, decompressXz } from "./decompress.js";
import { FileSource } from "./file-source.js";
import type { Source } from "./source.js";
import { type Recognise, Spool } from "./spool.js";
import { LineEnds, lineEndsOf, refuseTextMode, troubleOf } from "./text-mode.js";

const STDIN_FD = 0;

/**
 * Opens an input: a path, or `-` for standard input. gzip, zstd and xz are told by content and undone; a regular file is
 * read in place, anything else (a pipe, a device, a compressed file) is collected first.
 * Throws InputError when it cannot be read.
 * @param recognise whether a beginning is one of what is looked for: of anything else less is collected
 */
export async function openSource(path: string, recognise?: Recognise): Promise<Source> {
  const name = path === "-" ? "<stdin>" : path;
  const fd = path === "-" ? STDIN_FD : openOrThrow(path);
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw new InputError(`${name}: is a directory; name a file in it`);
    const compression = stat.isFile() ? compressionOf(peek(fd)) : undefined;
    if (compression === "none") return new FileSource(fd, name);
    if (compression === "xz") return await unpackXz(new FileSource(fd, name), recognise);
    if (path === "-") return await collect(process.stdin, name, recognise);
    // The descriptor that is open: opened again, a FIFO would have lost what was read, and its writer.
    return await collect(createReadStream(path, { fd, highWaterMark: 1024 * 1024 }), name, recognise);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${name}: ${reasonOf(error)}`);
  }
}

/** The same for bytes that are no text; throws InputError too where a program took them for some. */
export async function openBinary(path: string, recognise?: Recognise): Promise<Source> {
  const source = await openSource(path, recognise);
  refuseTextMode(source);
  return source;
}

function openOrThrow(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const help = code === "EACCES" ? "; try as root, or copy it to a place you may read" : "";
    throw new InputError(`${path === "" ? "the name of the file is empty" : path}: ${reasonOf(error)}${help}`);
  }
}

function peek(fd: number): Uint8Array {
  const start = new Uint8Array(8);
  return start.subarray(0, readSync(fd, start, 0, start.length, 0));
}

async function collect(stream: NodeJS.ReadableStream, name: string, recognise?: Recognise): Promise<Source> {
  return spooled(name, recognise, async (sink) => {
    const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    const first = await firstBytes(chunks);
    const lineEnds = new LineEnds();
    const packed = following(first, chunks, lineEnds);
    const trouble = await decompress(compressionOf(first), packed, sink);
    return trouble && troubleOf(trouble, lineEnds);
  });
}

/** A file that is read in place while it is unpacked. */
async function unpackXz(packed: Source, recognise?: Recognise): Promise<Source> {
  try {
    return await spooled(packed.name, recognise, async (sink) => {
      const trouble = await decompressXz(packed, sink);
      return trouble && troubleOf(trouble, lineEndsOf(packed));
    });
  } finally {
    packed.close();
  }
}

/** Collects what a decoder gives to its sink; what it says is wrong becomes a note. */
async function spooled(
  name: string,
  recognise: Recognise | undefined,
  decode: (sink: (chunk: Uint8Array) => void) => Promise<string | undefined>,
): Promise<Source> {
  const spool = new Spool(recognise ?? (() => false));
  try {
    const trouble = await decode((chunk) => spool.write(chunk));
    return spool.finish(
      name,
      trouble === undefined ? [] : [`${name}: ${trouble}: reading the ${spool.length} bytes before it`],
    );
  } catch (error) {
    spool.discard();
    if (error instanceof InputError) error.message = `${name}: ${error.message}`;
    throw error;
  }
}

/** The first chunks, until there are enough to tell the compression (a pipe may give a byte at a time). */
async function firstBytes(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let bytes: Uint8Array = new Uint8Array(0);
  while (bytes.length < COMPRESSION_MAGIC) {
    const { value, done } = await chunks.next();
    if (done) break;
    bytes = bytes.length === 0 ? value : Buffer.concat([bytes, value]);
  }
  return bytes;
}

async function* following(
  first: Uint8Array,
  chunks: AsyncIterator<Uint8Array>,
  lineEnds: LineEnds,
): AsyncGenerator<Uint8Array> {
  for (let next: Uint8Array = first; ; ) {
    if (!lineEnds.known) lineEnds.add(next);
    if (next.length > 0) yield next;
    const { value, done } = await chunks.next();
    if (done) return;
    next = value;
  }
}
