import { Bytes } from "../ground/bytes.js";
import { plural } from "../ground/plural.js";
import type { Source } from "../input/source.js";
import { lineEndsOf } from "../input/text-mode.js";
import { cpuMetaOffset, subbufsOffset } from "../ring/geometry.js";
import { RING_BUFFER_META_MAGIC } from "../ring/structs.js";
import { isSoundSubbuf, SubbufReader } from "../ring/subbuf.js";
import type { CpuArea } from "./cpu-area.js";
import type { Layout } from "./detect/layout-kinds.js";

/** What a program did to the bytes of an image, because it took them for text. */
export interface Translation {
  /** Where it shows. */
  readonly offset: number;
  readonly message: string;
}

/** 0x0badfeed where what is no ASCII became a question mark. */
const QUESTIONED = 0x0b3f3f3f;
const CR = 0x0d;
const LF = 0x0a;
const LEAVES_NO: readonly (readonly [gone: number, became: number])[] = [
  [CR, LF],
  [LF, CR],
];

const AGAIN = "; copy the image again in binary mode (stty raw, ssh without -t)";

/**
 * How the bytes were translated, each in its place. A sound buffers[] names every sub-buffer once, so where 13 is missing and 10 is there twice in
 * each CPU's, and there is no byte 0d at all, a terminal made 0a of it. The magic shows what lost its highest bits.
 */
export function translationOf(
  source: Source,
  { abi }: Layout,
  magic: number | undefined,
  cpus: readonly CpuArea[],
): Translation | undefined {
  if (magic === (RING_BUFFER_META_MAGIC & 0x7f7f7f7f))
    return { offset: 0, message: `the highest bit of every byte was cleared${AGAIN}` };
  if (magic === QUESTIONED) return { offset: 0, message: `every byte above 7f was replaced by 3f${AGAIN}` };
  for (const [gone, became] of LEAVES_NO) {
    const shows = cpus.every((cpu) => {
      const bytes = new Bytes(source.read(cpu.buffersOffset, 4 * cpu.nrSubbufs), abi, cpu.buffersOffset);
      const indexes = Array.from({ length: bytes.length >>> 2 }, (_, id) => bytes.i32(4 * id));
      return cpu.nrSubbufs > CR && !indexes.includes(gone) && indexes.filter((index) => index === became).length === 2;
    });
    if (!shows || cpus.length === 0 || holds(source, gone)) continue;
    const hex = (byte: number) => byte.toString(16).padStart(2, "0");
    return {
      offset: cpus[0]!.buffersOffset,
      message: `a terminal or a program wrote every byte ${hex(gone)} as ${hex(became)}: none is left${AGAIN}`,
    };
  }
  return undefined;
}

/**
 * How an image lost bytes that a program took out of it: where it lacks a few, has no CR LF, and a sub-buffer near its end lies
 * just so many too early. What was cut off leaves the rest in its place.
 */
export function strippingOf(source: Source, layout: Layout, areaSize: number): Translation | undefined {
  const { abi, geometry, nrCpus } = layout;
  const missing = areaSize - source.size;
  if (missing >= geometry.subbufSize || lineEndsOf(source).known) return undefined;
  const subbufs = new SubbufReader(abi, geometry.subbufSize);
  const isSound = (offset: number): boolean => {
    const bytes = source.read(offset, geometry.subbufSize);
    return bytes.length >= subbufs.headerSize && isSoundSubbuf(subbufs.scan(new Bytes(bytes, abi, offset)));
  };
  for (let cpu = nrCpus - 1; cpu >= 0; cpu--) {
    const first = subbufsOffset(geometry, cpuMetaOffset(geometry, cpu));
    for (const index of atTheEnds(geometry.nrSubbufs)) {
      const offset = first + index * geometry.subbufSize;
      if (!isSound(offset - missing) || isSound(offset)) continue;
      const bytes = plural(missing, "byte");
      return {
        offset: offset - missing,
        message: `${bytes} taken out on the way, it seems each 0d before a 0a: what is behind lies too early${AGAIN}`,
      };
    }
  }
  return undefined;
}

/** Sub-buffers that are looked at, from each end of a CPU's. */
const AT_AN_END = 256;

/**
 * The last sub-buffers, then the first, each backwards. A writer begins with the first, and one that comes round has filled them all; to
 * go through all that a large and nearly empty area has would take longer than to read it.
 */
function* atTheEnds(count: number): Generator<number> {
  const behind = Math.max(0, count - AT_AN_END);
  for (let index = count - 1; index >= behind; index--) yield index;
  for (let index = Math.min(AT_AN_END, behind) - 1; index >= 0; index--) yield index;
}

const BLOCK = 256 * 1024;

function holds(source: Source, byte: number): boolean {
  for (let at = 0; at < source.size; at += BLOCK) if (source.read(at, BLOCK).includes(byte)) return true;
  return false;
}
