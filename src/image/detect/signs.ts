import { Bytes } from "../../ground/bytes.js";
import type { Source } from "../../input/source.js";
import { structSizes, usualBuffersOffset, type WriterLayout } from "../../ring/layouts.js";
import { RING_BUFFER_META_MAGIC, readStruct } from "../../ring/structs.js";
import { KINDS, kindsOf, type LayoutKind } from "./layout-kinds.js";

/** The first bytes that detection looks at; they hold the global header. */
export const START = 4096;

/** The points of a magic and struct sizes that both fit. */
export const BOTH_SIGNS = 4;

/** Points for the header's own signs: half for the magic, half for the struct sizes. */
export function identityOf(kind: LayoutKind, start: Uint8Array): number {
  if (start.length < 8) return 0;
  const bytes = new Bytes(start, kind.abi);
  return (bytes.u32(0) === RING_BUFFER_META_MAGIC ? 2 : 0) + (bytes.u32(4) === structSizes(kind, kind.abi) ? 2 : 0);
}

/** Whether an input begins with the magic and the struct sizes of some layout: then an area begins there, whatever follows. */
export function beginsLikeArea(source: Source, told?: WriterLayout): boolean {
  const start = source.probe(0, START);
  return (told === undefined ? KINDS : kindsOf([told])).some((kind) => identityOf(kind, start) === BOTH_SIGNS);
}

/** Whether an input begins with the magic, and with sizes or an offset that no known kernel writes behind it. */
export function hasStrangeHeader(source: Source): boolean {
  const start = source.probe(0, START);
  if (start.length < START) return false;
  const signed = KINDS.filter((kind) => identityOf(kind, start) >= BOTH_SIGNS / 2);
  return signed.length > 0 && !signed.some((kind) => identityOf(kind, start) === BOTH_SIGNS && isUsual(kind, start));
}

function isUsual(kind: LayoutKind, start: Uint8Array): boolean {
  const table = kind.bootMeta;
  if (table === undefined) return true;
  const { buffers_offset } = readStruct(table, new Bytes(start, kind.abi), 0).values;
  return buffers_offset === BigInt(usualBuffersOffset(kind, kind.abi));
}
