import type { EventStream } from "../events/stream.js";
import type { EventFormat } from "../system/formats/parse-format.js";

/** How a set of event formats fits the records of an image. */
export interface Fit {
  readonly records: number;
  /** Records that a format file or ftrace's own layouts can tell, long enough for their fields. */
  readonly fitting: number;
  /** Types that no format knows: how many records. */
  readonly unknown: ReadonlyMap<number, number>;
  /** Types whose records are shorter than the fields of their format. */
  readonly short: ReadonlyMap<number, number>;
}

/** Walks over the records and counts. @param known whether ftrace's own layouts tell a type */
export function fitOf(
  events: EventStream,
  formats: ReadonlyMap<number, EventFormat>,
  known: (type: number) => boolean,
): Fit {
  const unknown = new Map<number, number>();
  const short = new Map<number, number>();
  const sizes = new Map<number, number>();
  let records = 0;
  let fitting = 0;
  for (let event = events.next(); event !== undefined; event = events.next()) {
    const { type, dataSize } = event;
    records++;
    let size = sizes.get(type);
    if (size === undefined) {
      const format = formats.get(type);
      if (format !== undefined) size = format.fields.reduce((end, f) => Math.max(end, f.offset + f.size), 0);
      else size = known(type) ? 0 : Number.POSITIVE_INFINITY;
      sizes.set(type, size);
    }
    if (size === Number.POSITIVE_INFINITY) unknown.set(type, (unknown.get(type) ?? 0) + 1);
    else if (dataSize < size) short.set(type, (short.get(type) ?? 0) + 1);
    else fitting++;
  }
  return { records, fitting, unknown, short };
}
