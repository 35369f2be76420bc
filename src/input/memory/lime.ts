import { InputError } from "../../ground/errors.js";
import { MAX_MEMORY_RANGES } from "../../ground/limits.js";
import type { Source } from "../source.js";
import { type Extent, ExtentMemory } from "./extents.js";

/** The header before each range of a LiME dump, and of AVML's: magic, version, first and last address, 8 bytes unused. */
const RANGE_HEADER_SIZE = 32;
const LIME_MAGIC = 0x4c694d45;
const AVML_MAGIC = 0x4c4d5641;

export interface RangeHeader {
  readonly packing: "lime" | "avml";
  readonly start: number;
  /** Behind the last byte: the header has the last one's address. */
  readonly end: number;
}

/** The header at `at`; undefined where none is. */
export function rangeHeaderAt(source: Source, at: number): RangeHeader | undefined {
  const bytes = source.probe(at, RANGE_HEADER_SIZE);
  if (bytes.length < RANGE_HEADER_SIZE) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, RANGE_HEADER_SIZE);
  const magic = view.getUint32(0, true);
  const version = view.getUint32(4, true);
  const packing =
    magic === LIME_MAGIC && version === 1 ? "lime" : magic === AVML_MAGIC && version === 2 ? "avml" : undefined;
  if (packing === undefined) return undefined;
  const start = view.getBigUint64(8, true);
  const last = view.getBigUint64(16, true);
  if (last < start || last >= BigInt(Number.MAX_SAFE_INTEGER))
    throw new InputError(
      `${source.name}: a range from 0x${start.toString(16)} to 0x${last.toString(16)} makes no sense (at offset 0x${at.toString(16)})`,
    );
  return { packing, start: Number(start), end: Number(last) + 1 };
}

/** LiME's own format, which AVML writes too where it does not compress. */
export function limeMemory(source: Source): ExtentMemory {
  const extents: Extent[] = [];
  const notes = walkRanges(source, "lime", ({ start, end }, offset) => {
    extents.push({ start, end, offset });
    return offset + end - start;
  });
  return new ExtentMemory(source, { format: "lime", extents, notes });
}

/**
 * Goes through a dump's ranges; notes of what is not read.
 * @param take is given each range and where its bytes begin, and says where they end; undefined where nothing follows
 */
export function walkRanges(
  source: Source,
  packing: RangeHeader["packing"],
  take: (range: RangeHeader, offset: number) => number | undefined,
): string[] {
  let count = 0;
  for (let at: number | undefined = 0; at !== undefined && at < source.size; ) {
    const header = rangeHeaderAt(source, at);
    if (header?.packing !== packing)
      return [
        `${source.name}: no range of memory begins where one should: what follows is not read (at offset 0x${at.toString(16)})`,
      ];
    if (count++ === MAX_MEMORY_RANGES)
      throw new InputError(`${source.name}: more than ${MAX_MEMORY_RANGES} ranges of memory`);
    at = take(header, at + RANGE_HEADER_SIZE);
  }
  return [];
}
