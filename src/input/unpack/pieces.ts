import { InputError } from "../../ground/errors.js";
import { reasonOf } from "../../ground/reason.js";
import { type Allowance, budget, OverBudget } from "../budget.js";
import type { Pieces } from "../byte-stream.js";
import { copyOf, type Source } from "../source.js";
import { PassedOn } from "./output.js";
import { type Packing, packingOf } from "./packing.js";
import { unpack } from "./unpack.js";
import { xzPieces } from "./xz.js";
import { unzstdStream } from "./zstd.js";

/** A stretch of a source. */
export interface Part {
  readonly source: Source;
  readonly start: number;
  readonly size: number;
}

/** Whether it is unpacked in order, with no more memory than a dictionary: a little gzip is quicker at once. */
export function isUnpackedInOrder(packing: Packing | undefined, size: number): boolean {
  if (packing === "gzip") return size > LITTLE;
  return packing === undefined || packing === "xz" || packing === "zstd";
}

/** Collections of running kernels have 1 MiB. */
const LITTLE = 16 * 1024 * 1024;

/**
 * What a part of a source unpacks to, in order, or what it is where it is not packed. What cannot be unpacked in order is in
 * memory at once.
 */
export async function* unpackedPieces(part: Part, allowance: Allowance): AsyncGenerator<Uint8Array> {
  const { source, start, size } = part;
  const packing = packingOf(source.read(start, Math.min(size, 16)));
  let left = budget().disk;
  try {
    for await (const piece of piecesOf(part, packing, allowance)) {
      left -= piece.length;
      if (left < 0) throw new OverBudget(`it unpacks to more than ${budget().disk} bytes`, "disk");
      if (piece.length > 0) yield piece;
    }
  } catch (error) {
    if (error instanceof InputError && (packing === undefined || error instanceof OverBudget)) throw error;
    throw new InputError(`${packing}: ${reasonOf(error)}`);
  }
}

function piecesOf({ source, start, size }: Part, packing: Packing | undefined, allowance: Allowance): Pieces {
  switch (packing) {
    case undefined:
      return source.stream(start, size);
    case "xz":
      return xzPieces(source, start, new PassedOn());
    case "zstd":
      return unzstdStream(copies(source.stream(start, size)));
    case "gzip":
      return gunzipPieces(copies(source.stream(start, size)));
    default:
      return unpackedWhole({ source, start, size }, packing, allowance);
  }
}

async function* unpackedWhole({ source, start, size }: Part, packing: Packing, allowance: Allowance) {
  yield await unpack(copyOf(source, start, size), packing, allowance);
}

async function* gunzipPieces(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // Much code of Node's own, which most runs do not need.
  const { pipeline, Readable } = await import("node:stream");
  const { createGunzip } = await import("node:zlib");
  // What is wrong is told to whoever reads as far.
  yield* pipeline(Readable.from(packed), createGunzip({ chunkSize: 1 << 18 }), () => {});
}

/** Streams keep what they are given. */
async function* copies(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield piece.slice();
}
