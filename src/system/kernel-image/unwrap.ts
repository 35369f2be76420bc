import { isElf } from "../../elf/elf.js";
import type { Abi } from "../../ground/abi.js";
import { InputError } from "../../ground/errors.js";
import { MAX_KERNEL_LAYERS, MAX_PACKED_TRIES } from "../../ground/limits.js";
import { Allowance, OverBudget } from "../../input/budget.js";
import { magicOf, type Packing, packingOf } from "../../input/unpack/packing.js";
import { unpack } from "../../input/unpack/unpack.js";

/** A boot image without what a boot loader needs: an ELF file, or the kernel's memory from its first byte on. */
export interface Unwrapped {
  readonly bytes: Uint8Array;
  /** What was taken off, from the outside ("bzImage", "zstd"). */
  readonly layers: readonly string[];
  /** What a header tells of the machine, as `uname -m` names it. */
  readonly machine: string | undefined;
  readonly abi: Abi | undefined;
}

interface Kind {
  readonly name: string;
  readonly machine: string;
  readonly abi: Abi;
}

const LITTLE_64: Abi = { littleEndian: true, longSize: 8 };

/** A kernel is larger, and says its version. */
const MIN_KERNEL = 1024 * 1024;
const VERSION_TEXT = "Linux version ";

/** Takes off all wrappers. Undefined when there is no kernel in it. Throws InputError for a packing that is damaged. */
export async function unwrapKernel(file: Uint8Array, allowance = new Allowance()): Promise<Unwrapped | undefined> {
  const layers: string[] = [];
  let bytes = file;
  let kind: Kind | undefined;
  for (let i = 0; i < MAX_KERNEL_LAYERS; i++) {
    if (isElf(bytes)) {
      const inner = hasKernel(bytes) ? undefined : await packedInside(bytes, bytes.length, allowance);
      if (inner === undefined) return { bytes, layers, machine: undefined, abi: undefined };
      layers.push("ELF", inner.packing);
      bytes = inner.bytes;
      continue;
    }
    const outer = packingOf(bytes);
    if (outer !== undefined) {
      layers.push(outer);
      bytes = await unpack(bytes, outer, allowance);
      continue;
    }
    const x86 = bzImagePayload(bytes);
    if (x86 !== undefined) {
      const packing = packingOf(x86);
      if (packing === undefined) throw new InputError("bzImage: its packing is not known");
      layers.push("bzImage", packing);
      bytes = await unpack(x86, packing, allowance);
      continue;
    }
    const zboot = zbootPayload(bytes);
    if (zboot !== undefined) {
      const packing = packingOf(zboot.payload);
      if (packing === undefined) throw new InputError(`EFI zboot: packing ${zboot.name} is not known`);
      layers.push("EFI zboot", packing);
      bytes = await unpack(zboot.payload, packing, allowance);
      continue;
    }
    const flat = flatKind(bytes);
    if (flat !== undefined && hasKernel(bytes))
      return { bytes, layers: [...layers, flat.name], machine: flat.machine, abi: flat.abi };
    const outside = zImage(bytes) ?? s390Image(bytes);
    const inner = await packedInside(bytes, outside?.end ?? bytes.length, allowance);
    if (inner === undefined)
      return hasKernel(bytes) ? { bytes, layers, machine: kind?.machine, abi: kind?.abi } : undefined;
    layers.push(outside?.name ?? "image", inner.packing);
    kind = outside;
    bytes = inner.bytes;
    // What was inside is the kernel itself, unless it has a header again.
    if (!isElf(bytes) && flatKind(bytes) === undefined)
      return { bytes, layers, machine: kind?.machine, abi: kind?.abi };
  }
  return undefined;
}

function hasKernel(bytes: Uint8Array): boolean {
  return bytes.length > MIN_KERNEL && asBuffer(bytes).includes(VERSION_TEXT, 0, "latin1");
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function u32(bytes: Uint8Array, at: number, littleEndian = true): number {
  if (at + 4 > bytes.length) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at, littleEndian);
}

function textAt(bytes: Uint8Array, at: number, size: number): string {
  return asBuffer(bytes).toString("latin1", at, Math.min(at + size, bytes.length));
}

/** Documentation/arch/x86/boot.rst: boot_flag, header, setup_sects, payload_offset and payload_length (2.08). */
function isBzImage(bytes: Uint8Array): boolean {
  return bytes[0x1fe] === 0x55 && bytes[0x1ff] === 0xaa && textAt(bytes, 0x202, 4) === "HdrS";
}

function bzImagePayload(bytes: Uint8Array): Uint8Array | undefined {
  if (!isBzImage(bytes)) return undefined;
  const version = u32(bytes, 0x206) & 0xffff;
  if (version < 0x208) throw new InputError("bzImage: it is older than boot protocol 2.08");
  const sectors = bytes[0x1f1]! === 0 ? 4 : bytes[0x1f1]!;
  const start = (sectors + 1) * 512 + u32(bytes, 0x248);
  const end = start + u32(bytes, 0x24c);
  if (start >= bytes.length) throw new InputError("bzImage: it is cut short");
  return bytes.subarray(start, Math.min(end, bytes.length));
}

/** drivers/firmware/efi/libstub/zboot-header.S. */
function zbootPayload(bytes: Uint8Array): { readonly payload: Uint8Array; readonly name: string } | undefined {
  if (textAt(bytes, 0, 2) !== "MZ" || textAt(bytes, 4, 4) !== "zimg") return undefined;
  const start = u32(bytes, 8);
  const name = /^[\x21-\x7e]*/.exec(textAt(bytes, 0x18, 16))![0];
  return { payload: bytes.subarray(start, Math.min(bytes.length, start + u32(bytes, 12))), name };
}

/** Kernels that lie in the file as in memory, from their first byte on, behind a header of their own. */
function flatKind(bytes: Uint8Array): Kind | undefined {
  // arch/arm64/kernel/head.S: "ARM\x64"; flags, bit 0: big endian.
  if (textAt(bytes, 0x38, 4) === "ARMd")
    return { name: "arm64 Image", machine: "aarch64", abi: { littleEndian: (bytes[24]! & 1) === 0, longSize: 8 } };
  // arch/riscv/include/asm/image.h.
  if (textAt(bytes, 0x30, 5) === "RISCV" && textAt(bytes, 0x38, 4) === "RSC\x05")
    return { name: "riscv Image", machine: "riscv64", abi: LITTLE_64 };
  // arch/loongarch/kernel/head.S: an EFI program with its own magic.
  if (textAt(bytes, 0, 2) === "MZ" && u32(bytes, 0x38) === 0x818223cd)
    return { name: "loongarch Image", machine: "loongarch64", abi: LITTLE_64 };
  return undefined;
}

/** arch/arm/boot/compressed/head.S: a magic, the byte order, and a table with where the packed kernel ends. */
function zImage(bytes: Uint8Array): (Kind & { readonly end: number }) | undefined {
  for (const littleEndian of [true, false]) {
    if (u32(bytes, 0x24, littleEndian) !== 0x016f2818) continue;
    const abi: Abi = { littleEndian, longSize: 4 };
    let end = u32(bytes, 0x2c, littleEndian) - u32(bytes, 0x28, littleEndian);
    if (u32(bytes, 0x34, littleEndian) === 0x45454545) {
      const table = u32(bytes, 0x38, littleEndian);
      if (u32(bytes, table + 4, littleEndian) === 0x5a534c4b) end = u32(bytes, table + 8, littleEndian);
    }
    return { name: "zImage", machine: "arm", abi, end: end > 0 && end <= bytes.length ? end : bytes.length };
  }
  return undefined;
}

/** arch/s390/boot/head.S: the PSW that an IPL loads first. */
function s390Image(bytes: Uint8Array): (Kind & { readonly end: number }) | undefined {
  if (![0, 8, 0, 0, 0x80, 0].every((byte, i) => bytes[i] === byte)) return undefined;
  return { name: "s390 image", machine: "s390x", abi: { littleEndian: false, longSize: 8 }, end: bytes.length };
}

const SOUGHT: readonly Packing[] = ["zstd", "xz", "gzip", "bzip2", "lz4", "lzop", "lzma"];

/** A packed kernel somewhere in a file. The magics stand in the unpacking code too: a hit counts if it unpacks to a kernel. */
async function packedInside(
  bytes: Uint8Array,
  to: number,
  allowance: Allowance,
): Promise<{ readonly bytes: Uint8Array; readonly packing: Packing } | undefined> {
  const buffer = asBuffer(bytes).subarray(0, to);
  let tries = MAX_PACKED_TRIES;
  for (const packing of SOUGHT) {
    const magic = magicOf(packing);
    for (let at = buffer.indexOf(magic); at >= 0; at = buffer.indexOf(magic, at + 1)) {
      if (--tries < 0) return undefined;
      try {
        const inner = await unpack(bytes.subarray(at, to), packing, allowance);
        if (hasKernel(inner)) return { bytes: inner, packing };
      } catch (error) {
        if (!(error instanceof InputError) || error instanceof OverBudget) throw error;
      }
    }
  }
  return undefined;
}
