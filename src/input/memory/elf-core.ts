import {
  ELF_TYPE,
  type ElfHeader,
  isElfOf,
  PT_LOAD,
  PT_NOTE,
  readElfHeader,
  readProgramHeader,
} from "../../elf/elf.js";
import { notes } from "../../elf/notes.js";
import { Bytes } from "../../ground/bytes.js";
import { DecodeError, InputError } from "../../ground/errors.js";
import { latin1 } from "../../ground/latin1.js";
import { MAX_MEMORY_RANGES, MAX_VMCOREINFO } from "../../ground/limits.js";
import type { Source } from "../source.js";
import { type Extent, ExtentMemory } from "./extents.js";

/** Bytes of an ELF header, the longer one. */
const HEADER_SIZE = 64;
const ALL_ONES = (1n << 64n) - 1n;

export function isElfCore(start: Uint8Array): boolean {
  return isElfOf(ELF_TYPE.core, start);
}

/**
 * A machine's memory as an ELF core: /proc/vmcore, QEMU's dump-guest-memory, makedumpfile -E, virsh dump. Physical
 * addresses are those of its PT_LOAD headers. Throws InputError where its headers do not fit, or a program left it.
 */
export function elfCoreMemory(source: Source): ExtentMemory {
  try {
    const header = readElfHeader(new Bytes(source.read(0, HEADER_SIZE), abiOf(source)));
    return coreOf(source, header);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new InputError(`${source.name}: an ELF core whose headers do not fit: ${error.message}`);
  }
}

function abiOf(source: Source) {
  const ident = source.read(0, 6);
  return { longSize: ident[4] === 1 ? 4 : 8, littleEndian: ident[5] !== 2 } as const;
}

function coreOf(source: Source, header: ElfHeader): ExtentMemory {
  const { abi, programsAt, programSize } = header;
  const count = header.programCount === PN_XNUM ? countInSection0(source, header) : header.programCount;
  if (count > MAX_MEMORY_RANGES)
    throw new InputError(
      `${source.name}: an ELF core of ${count} program headers: at most ${MAX_MEMORY_RANGES} are read`,
    );
  const table = source.read(programsAt, count * programSize);
  const bytes = new Bytes(table, abi, programsAt);
  const extents: Extent[] = [];
  let vmcoreinfo: string | undefined;
  let loads = 0;
  for (let i = 0; i < count; i++) {
    const { type, offset, physicalAddress, fileSize } = readProgramHeader(bytes, i * programSize);
    if (type === PT_NOTE)
      vmcoreinfo ??= vmcoreinfoOf(new Bytes(source.read(offset, Math.min(fileSize, MAX_NOTES)), abi));
    if (type !== PT_LOAD) continue;
    loads++;
    // /proc/kcore says all ones for what has no physical address.
    if (physicalAddress === ALL_ONES || physicalAddress + BigInt(fileSize) > MAX_ADDRESS) continue;
    const start = Number(physicalAddress);
    extents.push({ start, end: start + fileSize, offset });
  }
  if (loads > 1 && extents.every(({ start }) => start === 0))
    throw new InputError(
      `${source.name}: the core dump of a program (it has no physical addresses), not of a machine: a vmcore is needed`,
    );
  return new ExtentMemory(source, { format: "elf-core", extents, vmcoreinfo });
}

const PN_XNUM = 0xffff;
/** The notes of a vmcore: the registers of each CPU, and vmcoreinfo. */
const MAX_NOTES = 16 * MAX_VMCOREINFO;
const MAX_ADDRESS = BigInt(Number.MAX_SAFE_INTEGER);

/** A count that 16 bits do not hold stands in sh_info of the first section header. */
function countInSection0(source: Source, { abi, sectionsAt }: ElfHeader): number {
  const at = sectionsAt + (abi.longSize === 8 ? 44 : 28);
  return new Bytes(source.read(at, 4), abi, at).u32(0);
}

/** Goes by the note's name: its type has been 0 from all writers. */
export function vmcoreinfoOf(bytes: Bytes): string | undefined {
  for (const { owner, description } of notes(bytes))
    if (owner === "VMCOREINFO") return latin1(description.subarray(0, MAX_VMCOREINFO));
  return undefined;
}
