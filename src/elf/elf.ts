import type { Abi } from "../ground/abi.js";
import { Bytes } from "../ground/bytes.js";
import { DecodeError } from "../ground/errors.js";
import { MAX_ELF_NAME, MAX_ELF_SECTIONS } from "../ground/limits.js";

/** An ELF file's own tables (System V ABI, chapters 4 and 5): read where they lie, nothing is copied. */

/** e_type, of the kinds that are read for what they are. */
export const ELF_TYPE = { relocatable: 1, core: 4 } as const;

export interface ProgramHeader {
  readonly type: number;
  readonly offset: number;
  readonly virtualAddress: bigint;
  readonly physicalAddress: bigint;
  readonly fileSize: number;
}

export const PT_LOAD = 1;
export const PT_NOTE = 4;

/** What the first bytes of a file say. */
export interface ElfHeader {
  readonly abi: Abi;
  /** e_machine. */
  readonly machine: number;
  readonly programsAt: number;
  readonly programSize: number;
  readonly programCount: number;
  readonly sectionsAt: number;
  readonly sectionSize: number;
  readonly sectionCount: number;
  readonly namesIndex: number;
}

export interface Section {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
}

export const SHT_SYMTAB = 2;
export const SHT_RELA = 4;
export const SHT_NOBITS = 8;
export const SHT_REL = 9;
export const SHF_WRITE = 1;
export const SHF_ALLOC = 2;
export const SHF_EXECINSTR = 4;

export interface Elf {
  readonly bytes: Bytes;
  readonly abi: Abi;
  /** e_machine. */
  readonly machine: number;
  readonly programHeaders: readonly ProgramHeader[];
  readonly sections: readonly Section[];
}

export function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

/** Whether a file is an ELF file of that e_type, by its first bytes. */
export function isElfOf(type: number, start: Uint8Array): boolean {
  return isElf(start) && start[isLittleEndian(start) ? 16 : 17] === type;
}

/** EI_DATA: ELFDATA2MSB is 2. */
function isLittleEndian(start: Uint8Array): boolean {
  return start[5] !== 2;
}

/** Reads the file header. Throws DecodeError where it does not fit. */
export function readElfHeader(bytes: Bytes): ElfHeader {
  const { abi } = bytes;
  if (!isElf(bytes.u8)) throw new DecodeError("bad-value", 0, 0x7f454c46, bytes.u8[0] ?? 0);
  const wide = abi.longSize === 8;
  const rest = wide ? 54 : 42;
  return {
    abi,
    machine: bytes.u16(18),
    programsAt: size(bytes, wide ? 32 : 28),
    sectionsAt: size(bytes, wide ? 40 : 32),
    programSize: bytes.u16(rest),
    programCount: bytes.u16(rest + 2),
    sectionSize: bytes.u16(rest + 4),
    sectionCount: bytes.u16(rest + 6),
    namesIndex: bytes.u16(rest + 8),
  };
}

/** Reads the headers of an ELF file. Throws DecodeError where they do not fit into it. */
export function readElf(file: Uint8Array): Elf {
  const abi: Abi = { longSize: file[4] === 1 ? 4 : 8, littleEndian: isLittleEndian(file) };
  const bytes = new Bytes(file, abi);
  const header = readElfHeader(bytes);
  const { machine, programsAt, programSize, programCount, sectionsAt, sectionSize } = header;
  let { sectionCount, namesIndex } = header;
  const wide = abi.longSize === 8;
  const programHeaders: ProgramHeader[] = [];
  if (programsAt !== 0)
    for (let i = 0; i < programCount; i++) programHeaders.push(readProgramHeader(bytes, programsAt + i * programSize));
  const sections: Section[] = [];
  if (sectionsAt !== 0 && sectionSize >= (wide ? 64 : 40)) {
    const first = section(bytes, sectionsAt, 0, wide);
    // Numbers beyond 16 bits stand in the first section's header.
    if (sectionCount === 0) sectionCount = first.size;
    if (namesIndex === 0xffff) namesIndex = first.link;
    if (sectionCount > MAX_ELF_SECTIONS) throw new DecodeError("bad-value", sectionsAt, sectionCount, MAX_ELF_SECTIONS);
    const raw = Array.from({ length: sectionCount }, (_, i) => section(bytes, sectionsAt + i * sectionSize, i, wide));
    const names = raw[namesIndex];
    for (const one of raw)
      sections.push({ ...one, name: names === undefined ? "" : stringAt(file, names, one.nameOffset) });
  }
  return { bytes, abi, machine, programHeaders, sections };
}

function size(bytes: Bytes, at: number): number {
  const value = bytes.long(at);
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

/** Where a program header's numbers lie behind p_type, by the size of a word: Elf32_Phdr, Elf64_Phdr. */
const PROGRAM_HEADER = {
  4: { offset: 4, virtual: 8, physical: 12, fileSize: 16 },
  8: { offset: 8, virtual: 16, physical: 24, fileSize: 32 },
} as const;

/** Reads a program header at `at` in the window. Throws DecodeError where it does not fit. */
export function readProgramHeader(bytes: Bytes, at: number): ProgramHeader {
  const places = PROGRAM_HEADER[bytes.abi.longSize];
  return {
    type: bytes.u32(at),
    offset: size(bytes, at + places.offset),
    virtualAddress: bytes.long(at + places.virtual),
    physicalAddress: bytes.long(at + places.physical),
    fileSize: size(bytes, at + places.fileSize),
  };
}

function section(bytes: Bytes, at: number, index: number, wide: boolean): Section & { readonly nameOffset: number } {
  const w = wide ? 8 : 4;
  const name = bytes.u32(at);
  return {
    index,
    name: "",
    nameOffset: name,
    type: bytes.u32(at + 4),
    flags: size(bytes, at + 8),
    offset: size(bytes, at + 8 + 2 * w),
    size: size(bytes, at + 8 + 3 * w),
    link: bytes.u32(at + 8 + 4 * w),
    info: bytes.u32(at + 12 + 4 * w),
    alignment: size(bytes, at + 16 + 4 * w),
  };
}

/** A section's bytes; none for one that takes no place in the file. Throws DecodeError where they do not fit. */
export function sectionBytes({ bytes }: Elf, { type, offset, size }: Section): Uint8Array {
  if (type === SHT_NOBITS) return new Uint8Array(0);
  bytes.need(offset, size);
  return bytes.u8.subarray(offset, offset + size);
}

/** A name in a string table, one character a byte; empty where there is none. */
export function stringAt(file: Uint8Array, table: Section, at: number): string {
  const start = table.offset + at;
  const end = Math.min(table.offset + table.size, file.length, start + MAX_ELF_NAME);
  let text = "";
  for (let i = start; i < end && file[i] !== 0; i++) text += String.fromCharCode(file[i]!);
  return text;
}
