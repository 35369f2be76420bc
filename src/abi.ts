/** What of the writing machine shapes the bytes: its byte order, its `long`, its alignment rule. */
export interface Abi {
  readonly littleEndian: boolean;
  /** Bytes in the writer's `long` (and pointer): 4 or 8. */
  readonly longSize: 4 | 8;
  /**
   * RB_FORCE_8BYTE_ALIGNMENT: a 32-bit writer with CONFIG_HAVE_64BIT_ALIGNED_ACCESS (arm, parisc, sparc32, ...)
   * aligns event data to 8 bytes, and therefore also the start of a sub-buffer's data
   * (include/linux/ring_buffer_types.h). Always false for a 64-bit writer: it changes nothing there.
   */
  readonly force8ByteAlignment: boolean;
}

/** BUF_PAGE_HDR_SIZE: bytes before a sub-buffer's data (u64 time_stamp, long commit, padding to the data's alignment). */
export function subbufHeaderSize(abi: Abi): number {
  return abi.longSize === 8 || abi.force8ByteAlignment ? 16 : 12;
}

/** The next multiple of `alignment` (not necessarily a power of two) at or after `value`. */
export function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
