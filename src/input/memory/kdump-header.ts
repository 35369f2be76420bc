import type { Abi } from "../../ground/abi.js";
import { Bytes } from "../../ground/bytes.js";
import { DecodeError, InputError } from "../../ground/errors.js";
import { latin1 } from "../../ground/latin1.js";
import { MAX_DUMP_BLOCK, MAX_DUMP_PAGES, MAX_VMCOREINFO } from "../../ground/limits.js";
import type { Source } from "../source.js";

/** The head of a kdump-compressed file (makedumpfile's diskdump_mod.h: disk_dump_header, kdump_sub_header), as numbers. */
export interface KdumpHeader {
  readonly abi: Abi;
  readonly blockSize: number;
  /** Page frames that the bitmaps speak of. */
  readonly pages: number;
  /** Where the bitmap of the pages that were written lies. */
  readonly bitmapAt: number;
  readonly descriptorsAt: number;
  /** The page frames of this file; undefined where it is whole. */
  readonly part: { readonly from: number; readonly to: number } | undefined;
  readonly incomplete: boolean;
  readonly vmcoreinfo: string | undefined;
  /** What tells parts of one dump from those of another: the names and the time in the header. */
  readonly identity: string;
}

const SIGNATURES = ["KDUMP   ", "DISKDUMP"];
const ABIS: readonly Abi[] = [
  { littleEndian: true, longSize: 8 },
  { littleEndian: false, longSize: 8 },
  { littleEndian: true, longSize: 4 },
  { littleEndian: false, longSize: 4 },
];
/** DUMP_DH_COMPRESSED_INCOMPLETE of the status. */
const INCOMPLETE = 8;

export function isKdump(start: Uint8Array): boolean {
  return SIGNATURES.includes(latin1(start.subarray(0, 8)));
}

/** Throws InputError where the numbers make no sense or do not fit the file. */
export function readKdumpHeader(source: Source): KdumpHeader {
  const wrong = (what: string): InputError => new InputError(`${source.name}: a kdump file whose header ${what}`);
  const start = source.read(0, 512);
  try {
    for (const abi of ABIS) {
      // Behind the signature, the version and six names of 65 bytes comes a struct timeval.
      const status = abi.longSize === 8 ? 424 : 412;
      const bytes = new Bytes(start, abi);
      const blockSize = bytes.u32(status + 4);
      if (!isBlockSize(blockSize) || bytes.u32(8) > 255) continue;
      return headerOf(source, bytes, status, wrong);
    }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw wrong(`is cut short: ${error.message}`);
  }
  throw wrong("has an impossible block size (at offset 0x1ac)");
}

function isBlockSize(size: number): boolean {
  return size >= 1024 && size <= MAX_DUMP_BLOCK && (size & (size - 1)) === 0;
}

function headerOf(source: Source, head: Bytes, status: number, wrong: (what: string) => InputError): KdumpHeader {
  const { abi } = head;
  const version = head.u32(8);
  const blockSize = head.u32(status + 4);
  const subBlocks = head.u32(status + 8);
  const bitmapBlocks = head.u32(status + 12);
  const sub = new Bytes(source.read(blockSize, Math.min(blockSize, 512)), abi, blockSize);
  const wide = abi.longSize === 8;
  const pages = version >= 6 && wide ? safe(sub.u64(96)) : head.u32(status + 16);
  const bitmapsAt = blockSize * (1 + subBlocks);
  const half = (bitmapBlocks * blockSize) / 2;
  if (pages > MAX_DUMP_PAGES) throw wrong(`counts ${pages} pages: at most ${MAX_DUMP_PAGES} are read`);
  if (pages > half * 8)
    throw wrong(`counts ${pages} pages, and has bits for ${half * 8} (at offset 0x${(status + 12).toString(16)})`);
  const bitmapAt = bitmapsAt + half;
  if (bitmapAt + Math.ceil(pages / 8) > source.size)
    throw wrong(`puts the bitmap at 0x${bitmapAt.toString(16)}, and the file ends at 0x${source.size.toString(16)}`);
  return {
    abi,
    blockSize,
    pages,
    bitmapAt,
    descriptorsAt: bitmapsAt + bitmapBlocks * blockSize,
    part: version >= 2 ? partOf(sub, version) : undefined,
    incomplete: (head.u32(status) & INCOMPLETE) !== 0,
    vmcoreinfo: version >= 3 ? vmcoreinfoOf(source, sub) : undefined,
    identity: latin1(head.u8.subarray(8, status)) + pages,
  };
}

function safe(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

/** A file of a split dump has the descriptors of its own page frames alone. */
function partOf(sub: Bytes, version: number): KdumpHeader["part"] {
  const wide = sub.abi.longSize === 8;
  if (sub.u32(wide ? 12 : 8) === 0) return undefined;
  const long = (at: number) => safe(sub.long(at));
  if (!wide) return { from: long(12), to: long(16) };
  return version >= 6 ? { from: safe(sub.u64(80)), to: safe(sub.u64(88)) } : { from: long(16), to: long(24) };
}

/** offset_vmcoreinfo and size_vmcoreinfo; on 32-bit, padded where the machine aligns an off_t. */
function vmcoreinfoOf(source: Source, sub: Bytes): string | undefined {
  for (const at of sub.abi.longSize === 8 ? [32] : [20, 24]) {
    const offset = safe(sub.u64(at));
    const size = sub.abi.longSize === 8 ? safe(sub.u64(at + 8)) : sub.u32(at + 8);
    if (size === 0 || size > MAX_VMCOREINFO || offset + size > source.size) continue;
    const text = latin1(source.read(offset, size));
    if (text.includes("OSRELEASE=")) return text;
  }
  return undefined;
}
