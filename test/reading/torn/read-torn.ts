import { subbufBytes } from "../../../src/image/image.js";
import { readingOf } from "../../../src/reading/reading.js";
import { RecordCursor, RecordKind } from "../../../src/ring/records.js";
import { open, type ReadEvent } from "./tear.js";

/** The unread events of an image, as they are believed. */
export function readTorn(torn: Uint8Array): ReadEvent[] {
  const image = open(torn);
  const events: ReadEvent[] = [];
  for (const { cpu, unread } of readingOf(image).cpus)
    for (const { index, stretches } of unread) {
      const page = subbufBytes(image, cpu, index);
      const cursor = new RecordCursor(page.view, page.abi.littleEndian);
      for (const { start, end, time, bounds, doubts } of stretches) {
        const codes = new Map(doubts.map(({ offset, code }) => [offset, code]));
        cursor.open(start, end, Number(time >> 32n), Number(time & 0xffff_ffffn));
        while (cursor.next()) {
          if (cursor.kind !== RecordKind.Data) continue;
          const at = cursor.time();
          const doubt = codes.get(cursor.offset);
          events.push({
            offset: page.offset + cursor.offset,
            time: at,
            ...(bounds ? { bounds: [at - bounds.early, at + bounds.late] as const } : {}),
            ...(doubt ? { doubt } : {}),
          });
        }
      }
    }
  return events;
}
