import { RecordCursor } from "../../ring/records.js";
import type { Run } from "./explain.js";
import type { Words } from "./words.js";

/** What walking a sub-buffer finds: records from `start` to `end`, one after another. */
interface Walked extends Words {
  readonly start: number;
  readonly end: number;
}

/** Bytes of the walked records that are in runs too; what else stands in a run is none of them, however much it takes. */
export function walkedBytes(runs: readonly Run[], { view, littleEndian, start, end }: Walked): number {
  const walk = new RecordCursor(view, littleEndian);
  walk.open(start, end, 0, 0);
  const cursor = new RecordCursor(view, littleEndian);
  let isRecord = walk.next();
  let bytes = 0;
  for (const run of runs) {
    cursor.open(run.start, Math.min(run.end, end), 0, 0);
    while (cursor.next()) {
      const { offset, position } = cursor;
      while (isRecord && walk.offset < offset) isRecord = walk.next();
      if (isRecord && walk.offset === offset && walk.position === position) bytes += position - offset;
    }
  }
  return bytes;
}
