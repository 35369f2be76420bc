import type { TraceEvent } from "../events/event.js";
import { KeptEvent } from "../events/kept-event.js";

/** Rows of a table; a hostile image has a new key in every event. */
const MAX_ROWS = 16_384;

/** How long one thing took, over all times that it was seen. */
export interface DurationRow<K> {
  readonly key: K;
  count: number;
  total: number;
  max: number;
  /** The worst case: where it began and ended. */
  readonly begin: KeptEvent;
  readonly end: KeptEvent;
}

/** How long things took, by what they are. */
export class Durations<K extends number | string> {
  private readonly rows = new Map<K, DurationRow<K>>();

  add(key: K, begin: TraceEvent, end: TraceEvent): void {
    const length = end.t - begin.t;
    if (!(length >= 0)) return;
    let row = this.rows.get(key);
    if (row === undefined) {
      if (this.rows.size >= MAX_ROWS) return;
      row = { key, count: 0, total: 0, max: -1, begin: new KeptEvent(), end: new KeptEvent() };
      this.rows.set(key, row);
    }
    row.count++;
    row.total += length;
    if (length <= row.max) return;
    row.max = length;
    row.begin.take(begin);
    row.end.take(end);
  }

  /** Those that took most time first. */
  list(): readonly DurationRow<K>[] {
    return [...this.rows.values()].sort((a, b) => b.total - a.total);
  }
}
