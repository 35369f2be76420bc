import { type Elf, SHT_SYMTAB, stringAt } from "./elf.js";

export interface ElfSymbol {
  readonly name: string;
  /** Index of its section; 0 for one that is defined elsewhere. */
  readonly section: number;
  readonly value: bigint;
  readonly size: bigint;
  /** STT_*: 2 is a function, 3 a section, 4 a file. */
  readonly type: number;
}

/** The symbols of an ELF file's own table. Stops at one that does not fit. */
export function* elfSymbols({ bytes, abi, sections }: Elf): Generator<ElfSymbol> {
  const table = sections.find(({ type }) => type === SHT_SYMTAB);
  const strings = table && sections[table.link];
  if (table === undefined || strings === undefined) return;
  const wide = abi.longSize === 8;
  const size = wide ? 24 : 16;
  const end = Math.min(table.offset + table.size, bytes.length);
  for (let at = table.offset; at + size <= end; at += size) {
    const info = bytes.u8At(at + (wide ? 4 : 12));
    yield {
      name: stringAt(bytes.u8, strings, bytes.u32(at)),
      section: bytes.u16(at + (wide ? 6 : 14)),
      value: wide ? bytes.u64(at + 8) : BigInt(bytes.u32(at + 4)),
      size: wide ? bytes.u64(at + 16) : BigInt(bytes.u32(at + 8)),
      type: info & 15,
    };
  }
}
