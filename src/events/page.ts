import { Bytes } from "../ground/bytes.js";

/** A sub-buffer, or a stretch of one, as the readers of events see it. */
export interface EventPage {
  /** A window that the sub-buffer lies in. */
  readonly bytes: Bytes;
  /** Where its records begin in the window. */
  readonly start: number;
  /** Where the sub-buffer's data begins in the window: `start`, but for a stretch after a break. */
  readonly dataStart: number;
  /** Bytes of committed data, flags removed. */
  readonly size: number;
  /** Bytes of data that the sub-buffer has room for. */
  readonly capacity: number;
  readonly timeHi: number;
  readonly timeLo: number;
  /** RB_MISSED_EVENTS: events were lost before this page. */
  readonly missed: boolean;
  /** How many, where RB_MISSED_STORED says so. */
  readonly missedCount?: number | undefined;
  /** How much earlier and later its times may be; undefined where they are exact. */
  readonly bounds?: { readonly early: bigint; readonly late: bigint } | undefined;
  /** Why records are not quite believed, by where they begin in the window; undefined where all are. */
  readonly doubts?: ReadonlyMap<number, readonly string[]> | undefined;
  /** Physical index in the CPU's sub-buffer array. */
  readonly index: number;
  /** bpage->id: the position in buffers[]. */
  readonly id: number;
  /** Its place among the CPU's pages. */
  readonly position: number;
  /** Reads the page at a position into memory that stays; absent where this one stays. */
  readonly again?: ((position: number) => EventPage) | undefined;
}

/** A page without events: of who stands on none. */
export const NO_PAGE: EventPage = {
  bytes: new Bytes(new Uint8Array(0), { littleEndian: true, longSize: 8 }),
  start: 0,
  dataStart: 0,
  size: 0,
  capacity: 0,
  timeHi: 0,
  timeLo: 0,
  missed: false,
  index: 0,
  id: 0,
  position: 0,
};

/** One CPU's pages in reading order: the reader page, then from the head page to the commit page. */
export interface EventPages {
  readonly cpu: number;
  readonly count: number;
  /** Valid until the next call: its memory is used again. */
  page(position: number): EventPage;
  /** The same pages, for another reader. */
  fork(): EventPages;
}
