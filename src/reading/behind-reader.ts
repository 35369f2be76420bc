import type { CpuReading } from "./cpu-reading.js";
import type { SubbufReading } from "./subbuf-reading.js";

/** The reader page's id. */
const READER = 0;

/**
 * The sub-buffer behind the reader page, where the ring has gone round since the reader took that: in a ring that is full.
 * What was overwritten then lies between the two, and no flag says so (rb_get_reader_page() tells it to the reader alone).
 */
export function behindReader({ unread, subbufs }: CpuReading): SubbufReading | undefined {
  return unread[0]?.id === READER && unread.length === subbufs.length ? unread[1] : undefined;
}
