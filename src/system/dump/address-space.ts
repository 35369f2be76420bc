import { Bytes } from "../../ground/bytes.js";
import type { PhysicalMemory } from "../../input/memory/physical.js";
import type { Vmcoreinfo } from "../../input/memory/vmcoreinfo.js";

/** From an address to where it lies in physical memory. */
type Mapping = (address: bigint) => number | undefined;

/** A machine's memory by the addresses that its kernel used. */
export class AddressSpace {
  constructor(
    private readonly memory: PhysicalMemory,
    /** The kernel's own image, which lies in one piece. */
    private readonly image: Mapping,
    /** All else. */
    private readonly pages: Mapping | undefined,
  ) {}

  placeOf(address: bigint): number | undefined {
    return this.image(address) ?? this.pages?.(address);
  }

  /** The bytes at an address: `length` of them, or those before the first that is not mapped or not in the dump. */
  read(address: bigint, length: number): Uint8Array {
    const place = this.placeOf(address);
    if (place === undefined) return new Uint8Array(0);
    const here = Math.min(length, SMALLEST_PAGE - Number(address % BigInt(SMALLEST_PAGE)));
    const bytes = this.memory.read(place, here);
    if (bytes.length < here || here === length) return bytes;
    const whole = [bytes];
    for (let done = here; done < length; ) {
      const next = this.placeOf(address + BigInt(done));
      const wanted = Math.min(length - done, SMALLEST_PAGE);
      const piece = next === undefined ? new Uint8Array(0) : this.memory.read(next, wanted);
      whole.push(piece);
      done += piece.length;
      if (piece.length < wanted) break;
    }
    return Buffer.concat(whole);
  }

  /** 32 bits at an address; undefined where there are none. */
  u32(address: bigint): number | undefined {
    const bytes = this.read(address, 4);
    return bytes.length < 4 ? undefined : new Bytes(bytes, LITTLE_64).u32(0);
  }

  /** The word at an address; undefined where there is none. */
  long(address: bigint): bigint | undefined {
    const bytes = this.read(address, 8);
    return bytes.length < 8 ? undefined : new Bytes(bytes, LITTLE_64).u64(0);
  }
}

const SMALLEST_PAGE = 4096;
/** Of the machines whose page tables are read here. */
export const LITTLE_64 = { littleEndian: true, longSize: 8 } as const;
/** __START_KERNEL_map. */
const START_KERNEL_MAP = 0xffff_ffff_8000_0000n;
/** KERNEL_IMAGE_SIZE with KASLR; modules lie above. */
const X86_IMAGE = 1n << 30n;
/** No arm64 kernel is larger. */
const IMAGE = 1n << 28n;
const ALL = 1n << 64n;
const MAX_PLACE = 1n << 52n;

/** The kernel's addresses, where vmcoreinfo tells how it mapped itself (arch_crash_save_vmcoreinfo()). */
export function addressSpace(memory: PhysicalMemory, info: Vmcoreinfo): AddressSpace | undefined {
  const image = imageMapping(info);
  if (image === undefined) return undefined;
  const tables = x86Tables(info) ?? arm64Tables(info);
  const root = info.symbol("swapper_pg_dir");
  const place = root === undefined ? undefined : image(root);
  return new AddressSpace(memory, image, tables && place !== undefined ? walker(memory, tables, place) : undefined);
}

/**
 * Where an address of the kernel's image lies in physical memory: __phys_addr() of x86 by phys_base
 * (arch/x86/include/asm/page_64.h), __kimg_to_phys() of arm64 by kimage_voffset (arch/arm64/include/asm/memory.h).
 */
function imageMapping(info: Vmcoreinfo): Mapping | undefined {
  const physBase = info.decimal("NUMBER(phys_base)");
  const voffset = info.hexadecimal("NUMBER(kimage_voffset)");
  const text = info.symbol("_stext");
  if (text === undefined) return undefined;
  const between = (place: bigint) => (place >= 0n && place < MAX_PLACE ? Number(place) : undefined);
  if (physBase !== undefined)
    return (address) =>
      address >= START_KERNEL_MAP && address < START_KERNEL_MAP + X86_IMAGE
        ? between(address - START_KERNEL_MAP + physBase)
        : undefined;
  if (voffset === undefined) return undefined;
  const start = text & ~(IMAGE - 1n);
  return (address) => (address >= start && address < start + IMAGE ? between(address - voffset) : undefined);
}

/** How a machine's page tables are read. */
interface PageTables {
  /** Bits of an address that the tables translate. */
  readonly bits: number;
  /** The kernel's addresses begin here. */
  readonly start: bigint;
  readonly pageShift: number;
  /** What of an entry is an address. */
  readonly mask: bigint;
  isPresent(entry: bigint): boolean;
  /** Whether an entry above the last level is a page itself. */
  isLarge(entry: bigint): boolean;
}

/** arch/x86/include/asm/pgtable_types.h: _PAGE_PRESENT, _PAGE_PSE; the bit that marks encrypted memory is no address. */
function x86Tables(info: Vmcoreinfo): PageTables | undefined {
  const five = info.decimal("NUMBER(pgtable_l5_enabled)");
  if (five === undefined) return undefined;
  const encrypted = info.decimal("NUMBER(sme_mask)") ?? 0n;
  const bits = five === 1n ? 57 : 48;
  return {
    bits,
    start: ALL - (1n << BigInt(bits - 1)),
    pageShift: 12,
    mask: 0x000f_ffff_ffff_f000n & ~encrypted,
    isPresent: (entry) => (entry & 1n) !== 0n,
    isLarge: (entry) => (entry & 0x80n) !== 0n,
  };
}

/** arch/arm64/include/asm/pgtable-hwdef.h: PTE_VALID, PMD_TYPE_SECT; addresses of 48 bits. */
function arm64Tables(info: Vmcoreinfo): PageTables | undefined {
  const unused = info.hexadecimal("NUMBER(TCR_EL1_T1SZ)");
  const page = info.decimal("PAGESIZE");
  const pageShift = [12, 14, 16].find((shift) => page === 1n << BigInt(shift));
  if (unused === undefined || unused > 48n || pageShift === undefined) return undefined;
  const bits = 64 - Number(unused);
  return {
    bits,
    start: ALL - (1n << BigInt(bits)),
    pageShift,
    mask: 0x0000_ffff_ffff_ffffn & ~((1n << BigInt(pageShift)) - 1n),
    isPresent: (entry) => (entry & 1n) !== 0n,
    isLarge: (entry) => (entry & 2n) === 0n,
  };
}

function walker(memory: PhysicalMemory, tables: PageTables, root: number): Mapping {
  const { bits, start, pageShift, mask, isPresent, isLarge } = tables;
  /** Bits of an address that one table translates. */
  const step = pageShift - 3;
  const levels = Math.ceil((bits - pageShift) / step);
  return (address) => {
    if (address < start || address >= ALL) return undefined;
    let table = root;
    for (let level = levels - 1; level >= 0; level--) {
      const shift = pageShift + level * step;
      const width = level === levels - 1 ? bits - shift : step;
      const index = Number((address >> BigInt(shift)) & ((1n << BigInt(width)) - 1n));
      const bytes = memory.read(table + 8 * index, 8);
      if (bytes.length < 8) return undefined;
      const entry = new Bytes(bytes, LITTLE_64).u64(0);
      if (!isPresent(entry)) return undefined;
      const within = (1n << BigInt(shift)) - 1n;
      if (level === 0 || isLarge(entry)) return Number((entry & mask & ~within) | (address & within));
      table = Number(entry & mask);
    }
    return undefined;
  };
}
