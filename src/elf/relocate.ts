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

/**
 * A copy of a relocatable file in which the pointers of data lead where they point to: to `bias` plus a place in the
 * file. Code, and what points outside of the file, is left as it is.
 */
export function relocatedData(elf: Elf, bias: bigint): Uint8Array {
  const out = elf.bytes.u8.slice();
  const view = new DataView(out.buffer);
  const { littleEndian, longSize } = elf.abi;
  const wanted = ABSOLUTE_WORD.get(elf.machine);
  if (wanted === undefined) return out;
  const wide = longSize === 8;
  // Sections of a sound file do not overlap.
  let left = out.length;
  for (const relocations of elf.sections) {
    const rela = relocations.type === SHT_RELA;
    if (!rela && relocations.type !== SHT_REL) continue;
    const target = elf.sections[relocations.info];
    const symbols = elf.sections[relocations.link];
    if (target === undefined || symbols === undefined || !isData(target)) continue;
    const entry = (rela ? 3 : 2) * longSize;
    const end = Math.min(relocations.offset + relocations.size, out.length);
    left -= Math.max(0, end - relocations.offset);
    if (left < 0) throw new DecodeError("bad-value", relocations.offset, relocations.size, out.length);
    for (let at = relocations.offset; at + entry <= end; at += entry) {
      const offset = wide ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian);
      const info = wide ? 0 : view.getUint32(at + 4, littleEndian);
      // r_info of 64-bit files: type in the low half, symbol in the high one.
      const type = wide ? view.getUint32(at + (littleEndian ? 8 : 12), littleEndian) : info & 0xff;
      const symbol = wide ? view.getUint32(at + (littleEndian ? 12 : 8), littleEndian) : info >>> 8;
      const where = target.offset + offset;
      if (type !== wanted || !(where + longSize <= out.length)) continue;
      const place = placeOf(elf, symbols, symbol);
      if (place === undefined) continue;
      let addend: bigint;
      if (rela) addend = wide ? view.getBigInt64(at + 16, littleEndian) : BigInt(view.getInt32(at + 8, littleEndian));
      else addend = wide ? view.getBigInt64(where, littleEndian) : BigInt(view.getInt32(where, littleEndian));
      const value = bias + BigInt(place) + addend;
      if (wide) view.setBigUint64(where, BigInt.asUintN(64, value), littleEndian);
      else view.setUint32(where, Number(BigInt.asUintN(32, value)), littleEndian);
    }
  }
  return out;
}

function isData({ flags, type }: Section): boolean {
  return (flags & SHF_ALLOC) !== 0 && (flags & SHF_EXECINSTR) === 0 && type !== SHT_NOBITS;
}

/** Where a symbol lies in the file. */
function placeOf({ bytes, abi, sections }: Elf, symbols: Section, index: number): number | undefined {
  const wide = abi.longSize === 8;
  const at = symbols.offset + index * (wide ? 24 : 16);
  if (at + (wide ? 24 : 16) > bytes.length) return undefined;
  const section = sections[bytes.u16(at + (wide ? 6 : 14))];
  if (section === undefined || section.index === 0 || section.type === SHT_NOBITS) return undefined;
  const value = wide ? Number(bytes.u64(at + 8)) : bytes.u32(at + 4);
  return section.offset + value;
}
