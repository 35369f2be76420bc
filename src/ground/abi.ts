/** What of the writing machine shapes the bytes: its byte order and its `long`. */
export interface Abi {
  readonly littleEndian: boolean;
  /** Bytes in the writer's `long` (and pointer): 4 or 8. */
  readonly longSize: 4 | 8;
}

/**
 * BUF_PAGE_HDR_SIZE: bytes before a sub-buffer's data (u64 time_stamp, long commit): 16 or 12. RB_ALIGN_DATA, which
 * aligns the data to 8 on machines with HAVE_64BIT_ALIGNED_ACCESS, changes nothing: only 64-bit machines have it
 * (arch/Kconfig, 6.12 to 7.3).
 */
export function subbufHeaderSize(abi: Abi): number {
  return 8 + abi.longSize;
}

/** The next multiple of `alignment` (not necessarily a power of two) at or after `value`. */
export function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
