import type { Abi } from "../ground/abi.js";
import { Bytes } from "../ground/bytes.js";
import { MIN_SUBBUF_SIZE } from "../ground/limits.js";
import { KINDS } from "../image/detect/layout-kinds.js";
import { DerivedSource, type Hole, type Source } from "../input/source.js";
import { structSizes } from "../ring/layouts.js";
import { RING_BUFFER_META_MAGIC } from "../ring/structs.js";
import { isSoundSubbuf, SubbufReader } from "../ring/subbuf.js";
import { bootMetaAt, chunkAt, LOOKED_AT, type Sighting } from "./kinds.js";

/** An order of bytes that a debugger or a programmer's tool leaves behind, and what puts it right. */
interface Order {
  /** What is in reverse order in such a file. */
  readonly what: string;
  readonly swaps: readonly ("swap16" | "swap32" | "swap64")[];
}

/** The likeliest first: a word is read through a port of the other byte order. */
const WORDS_OF_32: Order = { what: "the bytes of each 32-bit word", swaps: ["swap32"] };
const ORDERS: readonly Order[] = [
  WORDS_OF_32,
  { what: "the bytes of each 16-bit word", swaps: ["swap16"] },
  { what: "the bytes of each 64-bit word", swaps: ["swap64"] },
  { what: "the halves of each 32-bit word", swaps: ["swap32", "swap16"] },
  { what: "the halves of each 64-bit word", swaps: ["swap64", "swap32"] },
  { what: "the four quarters of each 64-bit word", swaps: ["swap64", "swap16"] },
];
/** The largest word. */
const WORD = 8;

/** What an area's first 8 bytes may be made of in any such order, as little-endian words. */
export const ORDER_SIGNS: ReadonlySet<number> = new Set(
  KINDS.flatMap((kind) => {
    const signs = new DataView(new ArrayBuffer(WORD));
    signs.setUint32(0, RING_BUFFER_META_MAGIC, kind.abi.littleEndian);
    signs.setUint32(4, structSizes(kind, kind.abi), kind.abi.littleEndian);
    return ORDERS.flatMap((order) => {
      const { buffer, byteOffset } = swapped(new Uint8Array(signs.buffer), order);
      const words = new DataView(buffer, byteOffset, WORD);
      return [words.getInt32(0, true), words.getInt32(4, true)];
    });
  }),
);

/** An input with its bytes in another order. */
export interface Turned {
  readonly source: Source;
  /** What was in reverse order. */
  readonly what: string;
}

/** What a person should hear of it. */
export function turnedText({ source, what }: Turned): string {
  return `${source.name}: ${what} are in reverse order (a debugger's dump?): read the right way round`;
}

/**
 * The input with its bytes in another order, where that is what makes the header of an area fit that begins at `address`;
 * undefined where it is right as it is.
 */
export function reordered(source: Source, address = 0): Turned | undefined {
  const start = source.read(address, LOOKED_AT);
  if (start.length < LOOKED_AT) return undefined;
  const asItIs = areaSign(start, address);
  const order = asItIs === undefined ? orderOf(start) : otherByteOrder(source, asItIs);
  return order && turned(source, order);
}

const turned = (source: Source, order: Order): Turned => ({ source: new Reordered(source, order), what: order.what });

const areaSign = (bytes: Uint8Array, address = 0): Sighting | undefined =>
  bootMetaAt(bytes, address) ?? chunkAt(bytes, address);

/** The order in which the first bytes of an area are; undefined where they are right, or none of an area. */
export function orderOf(start: Uint8Array): Order | undefined {
  if (areaSign(start) !== undefined) return undefined;
  return ORDERS.find((order) => areaSign(swapped(start, order)) !== undefined);
}

/** Sub-buffers that are looked at. */
const MOST_SUBBUFS = 2 ** 14;

/**
 * A header of nothing but 32-bit words fits in either byte order. The first sub-buffer whose records are sound in one of
 * them alone tells which is right.
 */
function otherByteOrder(source: Source, { address, kind: { abi } }: Sighting): Order | undefined {
  if (abi.longSize !== 4) return undefined;
  const other: Abi = { ...abi, littleEndian: !abi.littleEndian };
  const end = Math.min(source.size, address + MOST_SUBBUFS * MIN_SUBBUF_SIZE);
  for (let at = address + MIN_SUBBUF_SIZE; at + MIN_SUBBUF_SIZE <= end; at += MIN_SUBBUF_SIZE) {
    const bytes = source.read(at, MIN_SUBBUF_SIZE);
    if (bytes.length < MIN_SUBBUF_SIZE) return undefined;
    const right = holdsEvents(bytes, abi);
    if (right !== holdsEvents(swapped(bytes, WORDS_OF_32), other)) return right ? undefined : WORDS_OF_32;
  }
  return undefined;
}

function holdsEvents(page: Uint8Array, abi: Abi): boolean {
  return isSoundSubbuf(new SubbufReader(abi, MIN_SUBBUF_SIZE).scan(new Bytes(page, abi)));
}

function swapped(bytes: Uint8Array, { swaps }: Order): Uint8Array {
  const copy = Buffer.from(bytes);
  for (const swap of swaps) copy[swap]();
  return copy;
}

class Reordered extends DerivedSource implements Source {
  readonly size: number;
  readonly holes: readonly Hole[] = [];
  readonly physicalStart: number | undefined;

  constructor(
    source: Source,
    private readonly order: Order,
  ) {
    super(source);
    // A last word that is cut tells nothing of its first bytes.
    this.size = source.size - (source.size % WORD);
    this.physicalStart = source.physicalStart;
  }

  read(offset: number, length: number): Uint8Array {
    const end = Math.min(offset + length, this.size);
    if (end <= offset) return new Uint8Array(0);
    const from = offset - (offset % WORD);
    const words = this.source.read(from, Math.ceil((end - from) / WORD) * WORD);
    return swapped(words, this.order).subarray(offset - from, end - from);
  }
}
