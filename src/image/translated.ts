import { Bytes } from "../ground/bytes.js";
import type { Source } from "../input/source.js";
import { RING_BUFFER_META_MAGIC } from "../ring/structs.js";
import type { CpuArea } from "./cpu-area.js";
import type { Layout } from "./detect.js";

/** What a program did to every byte of an image, because it took them for text: each stays in its place. */
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
 * How the bytes were translated. A sound buffers[] names every sub-buffer once, so where 13 is missing and 10 is there twice in
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

const BLOCK = 256 * 1024;

function holds(source: Source, byte: number): boolean {
  for (let at = 0; at < source.size; at += BLOCK) if (source.read(at, BLOCK).includes(byte)) return true;
  return false;
}
