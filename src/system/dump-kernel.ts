import type { PhysicalMemory } from "../input/memory/physical.js";
import { MAX_CONSTANT_TEXT, textAtStart } from "./kernel-image/text-bytes.js";
import type { KernelText } from "./symbols/kernel-text.js";

/** What a machine's memory says of its kernel. */
export interface DumpKernel {
  readonly release: string;
  /** How far KASLR moved it; undefined where the dump does not say. */
  readonly offset: bigint | undefined;
  /** Text at addresses of the boot that wrote; undefined where it is not known how the kernel was mapped. */
  readonly text: KernelText | undefined;
}

/** struct new_utsname: six texts of so many bytes (include/uapi/linux/utsname.h); the third is the release. */
const UTS_LENGTH = 65;
const RELEASE = 2;

/** What vmcoreinfo leads to; undefined where the dump has none. */
export function dumpKernel(memory: PhysicalMemory): DumpKernel | undefined {
  const info = memory.vmcoreinfo;
  const value = (key: string): string | undefined =>
    info
      ?.split("\n")
      .find((line) => line.startsWith(`${key}=`))
      ?.slice(key.length + 1);
  const release = value("OSRELEASE");
  if (release === undefined || !/^[\x21-\x7e]{1,64}$/.test(release)) return undefined;
  const offset = hexadecimal(value("KERNELOFFSET"));
  const placeOf = kernelMapping(value);
  const uts = hexadecimal(value("SYMBOL(init_uts_ns)"));
  const name = decimal(value("OFFSET(uts_namespace.name)"));
  if (placeOf === undefined || uts === undefined || name === undefined) return { release, offset, text: undefined };
  const textAt = (address: bigint): string | undefined => {
    const place = placeOf(address);
    return place === undefined ? undefined : textAtStart(memory.read(place, MAX_CONSTANT_TEXT + 1));
  };
  // The kernel's own name, where the mapping has it: then it is right for the rest.
  const proven = textAt(uts + name) === "Linux" && textAt(uts + name + BigInt(RELEASE * UTS_LENGTH)) === release;
  return { release, offset, text: proven ? { linkedAt: undefined, textAt } : undefined };
}

/**
 * Where an address of the kernel's image lies in physical memory: __phys_addr() of x86 by phys_base
 * (arch/x86/include/asm/page_64.h), __kimg_to_phys() of arm64 by kimage_voffset (arch/arm64/include/asm/memory.h). Both names
 * are in vmcoreinfo (arch_crash_save_vmcoreinfo()).
 */
function kernelMapping(
  value: (key: string) => string | undefined,
): ((address: bigint) => number | undefined) | undefined {
  const physBase = decimal(value("NUMBER(phys_base)"));
  const voffset = hexadecimal(value("NUMBER(kimage_voffset)"));
  const text = hexadecimal(value("SYMBOL(_stext)"));
  if (text === undefined) return undefined;
  const between = (place: bigint) => (place >= 0n && place < MAX_PLACE ? Number(place) : undefined);
  if (physBase !== undefined)
    return (address) => (address >= START_KERNEL_MAP ? between(address - START_KERNEL_MAP + physBase) : undefined);
  if (voffset === undefined) return undefined;
  const start = text & ~(IMAGE - 1n);
  return (address) => (address >= start && address < start + IMAGE ? between(address - voffset) : undefined);
}

/** __START_KERNEL_map. */
const START_KERNEL_MAP = 0xffff_ffff_8000_0000n;
/** No arm64 kernel is larger. */
const IMAGE = 1n << 28n;
const MAX_PLACE = 1n << 52n;

function hexadecimal(text: string | undefined): bigint | undefined {
  return text !== undefined && /^(0x)?[0-9a-f]{1,16}$/i.test(text)
    ? BigInt(`0x${text.replace(/^0x/i, "")}`)
    : undefined;
}

function decimal(text: string | undefined): bigint | undefined {
  return text !== undefined && /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
}
