import { RB_EVNT_HDR_SIZE, RecordCursor, RecordKind } from "../ring/records.js";
import type { EventPages } from "./page.js";

/** RB_MAX_SMALL_DATA: what type_len can say in words. */
export const MAX_SMALL_DATA = 112;
/** Events that decide, and pages that are looked at for them. */
const ENOUGH = 64;

/**
 * Whether the writer puts a length word in front of every event, a small one's too, so that its data is aligned to 8 bytes
 * (RB_FORCE_8BYTE_ALIGNMENT, kernel/trace/ring_buffer.c 6.12 to 7.3): 64-bit machines without access to words that are not
 * aligned, as riscv64. Most of the first small events tell; damage may have made the others.
 */
export function forcesAlignment(sources: readonly EventPages[]): boolean {
  let forced = 0;
  let plain = 0;
  for (const source of sources) {
    const pages = source.fork();
    const count = Math.min(pages.count, ENOUGH);
    for (let position = 0; position < count; position++) {
      const { bytes, start, size, timeHi, timeLo } = pages.page(position);
      const cursor = new RecordCursor(bytes.view, bytes.abi.littleEndian, RB_EVNT_HDR_SIZE);
      cursor.open(start, start + size, timeHi, timeLo);
      while (cursor.next()) {
        if (cursor.kind !== RecordKind.Data || cursor.dataLength > MAX_SMALL_DATA) continue;
        if (cursor.dataOffset - cursor.offset > RB_EVNT_HDR_SIZE) forced++;
        else plain++;
        if (forced + plain === ENOUGH) return forced > plain;
      }
    }
  }
  return forced > plain;
}
