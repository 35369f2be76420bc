import { DecodeError } from "../ground/errors.js";
import type { Elf, Section } from "./elf.js";
import { SHF_ALLOC, SHF_EXECINSTR, SHT_NOBITS, SHT_REL, SHT_RELA } from "./elf.js";

/** The relocation that stores a symbol's address as a word, by e_machine (each machine's ELF supplement). */
const ABSOLUTE_WORD: ReadonlyMap<number, number> = new Map([
  [3, 1],
  [20, 1],
  [21, 38],
  [22, 22],
  [40, 2],
  [62, 1],
  [183, 257],
  [243, 2],
  [258, 2],
]);

/** A pointer in a file's data. */
export interface DataPointer {
  /** Where it stands in the file, and where it leads to. */
  readonly at: number;
  readonly to: number;
  /** The section that it leads into. */
  readonly section: Section;
}

/**
 * A copy of a relocatable file in which the pointers of data lead where they point to: to `bias` plus a place in the
 * file. Code, and what points outside of the file, is left as it is.
 */
export function relocatedData(elf: Elf, bias: bigint): Uint8Array {
  const out = elf.bytes.u8.slice();
  const view = new DataView(out.buffer);
  const { littleEndian, longSize } = elf.abi;
  for (const { at, to } of dataPointers(elf)) {
    const value = bias + BigInt(to);
    if (longSize === 8) view.setBigUint64(at, BigInt.asUintN(64, value), littleEndian);
    else view.setUint32(at, Number(BigInt.asUintN(32, value)), littleEndian);
  }
  return out;
}

/** Every pointer of a relocatable file's data into the file itself. */
export function* dataPointers(elf: Elf): Generator<DataPointer> {
  const { view } = elf.bytes;
  const { length } = elf.bytes;
  const { littleEndian, longSize } = elf.abi;
  const wanted = ABSOLUTE_WORD.get(elf.machine);
  if (wanted === undefined) return;
  const wide = longSize === 8;
  // Sections of a sound file do not overlap.
  let left = length;
  for (const relocations of elf.sections) {
    const rela = relocations.type === SHT_RELA;
    if (!rela && relocations.type !== SHT_REL) continue;
    const target = elf.sections[relocations.info];
    const symbols = elf.sections[relocations.link];
    if (target === undefined || symbols === undefined || !isData(target)) continue;
    const entry = (rela ? 3 : 2) * longSize;
    const end = Math.min(relocations.offset + relocations.size, length);
    left -= Math.max(0, end - relocations.offset);
    if (left < 0) throw new DecodeError("bad-value", relocations.offset, relocations.size, length);
    for (let entryAt = relocations.offset; entryAt + entry <= end; entryAt += entry) {
      const offset = wide ? Number(view.getBigUint64(entryAt, littleEndian)) : view.getUint32(entryAt, littleEndian);
      const info = wide ? 0 : view.getUint32(entryAt + 4, littleEndian);
      // r_info of 64-bit files: type in the low half, symbol in the high one.
      const type = wide ? view.getUint32(entryAt + (littleEndian ? 8 : 12), littleEndian) : info & 0xff;
      const symbol = wide ? view.getUint32(entryAt + (littleEndian ? 12 : 8), littleEndian) : info >>> 8;
      const at = target.offset + offset;
      if (type !== wanted || !(at + longSize <= length)) continue;
      const place = placeOf(elf, symbols, symbol);
      if (place === undefined) continue;
      const addendAt = rela ? entryAt + 2 * longSize : at;
      const addend = wide ? Number(view.getBigInt64(addendAt, littleEndian)) : view.getInt32(addendAt, littleEndian);
      yield { at, to: place.at + addend, section: place.section };
    }
  }
}

function isData({ flags, type }: Section): boolean {
  return (flags & SHF_ALLOC) !== 0 && (flags & SHF_EXECINSTR) === 0 && type !== SHT_NOBITS;
}

/** Where a symbol lies in the file. */
function placeOf(
  { bytes, abi, sections }: Elf,
  symbols: Section,
  index: number,
): { readonly at: number; readonly section: Section } | undefined {
  const wide = abi.longSize === 8;
  const at = symbols.offset + index * (wide ? 24 : 16);
  if (at + (wide ? 24 : 16) > bytes.length) return undefined;
  const section = sections[bytes.u16(at + (wide ? 6 : 14))];
  if (section === undefined || section.index === 0 || section.type === SHT_NOBITS) return undefined;
  const value = wide ? Number(bytes.u64(at + 8)) : bytes.u32(at + 4);
  return { at: section.offset + value, section };
}
