import { type Abi, subbufHeaderSize } from "../../ground/abi.js";
import { BUFFER_DATA_PAGE, layoutOf, RB_MISSED_EVENTS, RB_MISSED_STORED } from "../../ring/structs.js";

export interface PageHeader {
  readonly time: bigint;
  /** Bytes of data. */
  readonly size: number;
  /** Events are lost before the page; how many, where that is known. */
  readonly missed: boolean;
  readonly missedCount: number | undefined;
}

/**
 * Writes a sub-buffer's header, without what other kernels leave in the commit word's other bits. The count of lost
 * events stands behind the data, as rb_update_page() and its callers leave it (ring_buffer_read_page(), ring_buffer.c),
 * where there is room.
 */
export function writePageHeader(page: Buffer, abi: Abi, { time, size, missed, missedCount }: PageHeader): void {
  const { littleEndian, longSize } = abi;
  const at = layoutOf(BUFFER_DATA_PAGE, abi).offsets.commit;
  const behind = subbufHeaderSize(abi) + size;
  const stored = missed && missedCount !== undefined && behind + longSize <= page.length;
  const commit = size + (missed ? RB_MISSED_EVENTS : 0) + (stored ? RB_MISSED_STORED : 0);
  if (littleEndian) page.writeBigUInt64LE(time, 0);
  else page.writeBigUInt64BE(time, 0);
  writeLong(page, abi, at, commit);
  if (stored) writeLong(page, abi, behind, missedCount);
}

function writeLong(page: Buffer, { littleEndian, longSize }: Abi, at: number, value: number): void {
  if (longSize === 4) {
    if (littleEndian) page.writeUInt32LE(value, at);
    else page.writeUInt32BE(value, at);
  } else if (littleEndian) page.writeBigUInt64LE(BigInt(value), at);
  else page.writeBigUInt64BE(BigInt(value), at);
}
