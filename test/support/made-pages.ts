import { type EventPages, NO_PAGE } from "../../src/events/page.js";
import { Bytes } from "../../src/ground/bytes.js";

/** A page of a little-endian 64-bit writer: the first `size` bytes of `data` are its records. */
export interface MadePage {
  readonly data: Uint8Array;
  readonly size: number;
}

/** One CPU's pages, oldest first. */
export function madePages(made: readonly MadePage[], cpu = 0): EventPages {
  const pages: EventPages = {
    cpu,
    count: made.length,
    fork: () => pages,
    page: (position) => {
      const { data, size } = made[position]!;
      const bytes = new Bytes(data, { littleEndian: true, longSize: 8 });
      return { ...NO_PAGE, bytes, size, capacity: data.length, index: position, id: position, position };
    },
  };
  return pages;
}
