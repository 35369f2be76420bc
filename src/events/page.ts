import type { Bytes } from "../ground/bytes.js";

/** One sub-buffer, as the readers of events see it. */
export interface EventPage {
  /** A window that the sub-buffer lies in. */
  readonly bytes: Bytes;
  /** Where its data begins in the window. */
  readonly start: number;
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
  /** Physical index in the CPU's sub-buffer array. */
  readonly index: number;
  /** bpage->id: the position in buffers[]. */
  readonly id: number;
}

/** One CPU's pages in reading order: the reader page, then from the head page to the commit page. */
export interface EventPages {
  readonly cpu: number;
  readonly count: number;
  page(position: number): EventPage;
}
