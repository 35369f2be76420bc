import type { SubbufHeader } from "../ring/subbuf.js";

/** The ring as buffers[] gives it: ids 1 to nrSubbufs - 1 in a circle, the reader page (id 0) outside. */
export interface Ring {
  readonly nrSubbufs: number;
  /** Whether the input goes on to the end of its header. What a dump left out within it counts: its events are lost. */
  readonly has: (id: number) => boolean;
  /** Its header; undefined where it is not there. Read only where the times are needed. */
  readonly header: (id: number) => SubbufHeader | undefined;
  /** Bytes of data that fit into a sub-buffer. */
  readonly capacity: number;
}

/**
 * The ids that hold unread events, in reading order: the reader page, then the ring from the head to the commit page
 * (rb_get_reader_page(), kernel/trace/ring_buffer.c 6.12 to 7.3).
 */
export function liveIds(ring: Ring, head: number, commit: number): number[] {
  const live = ring.has(0) ? [0] : [];
  if (commit === 0) return live;
  for (let step = 0, id = head; step < ring.nrSubbufs - 1; step++, id = next(ring, id)) {
    if (ring.has(id)) live.push(id);
    if (id === commit) break;
  }
  return live;
}

/**
 * The same where head or commit are not to be believed: sub-buffers with data whose times go on from one to the next.
 * Pages that were consumed, but kept their data, cannot be told apart from the unread ones and are counted in.
 */
export function inferLiveIds(ring: Ring, head: number | undefined, commit: number | undefined): number[] {
  if (commit === 0) return liveIds(ring, 1, 0);
  const last = commit ?? (head === undefined ? newest(ring) : lastInOrder(ring, head));
  if (last === undefined) return ring.has(0) ? [0] : [];
  return liveIds(ring, head ?? firstInOrder(ring, last), last);
}

function next(ring: Ring, id: number): number {
  return id === ring.nrSubbufs - 1 ? 1 : id + 1;
}

function previous(ring: Ring, id: number): number {
  return id === 1 ? ring.nrSubbufs - 1 : id - 1;
}

/** The time of a sub-buffer that holds data. */
function timeOf(ring: Ring, id: number): bigint | undefined {
  const header = ring.header(id);
  return header && header.size > 0 && header.size <= ring.capacity ? header.timeStamp : undefined;
}

function newest(ring: Ring): number | undefined {
  let best: number | undefined;
  let bestTime = -1n;
  for (let id = 1; id < ring.nrSubbufs; id++) {
    const time = timeOf(ring, id);
    if (time !== undefined && time > bestTime) {
      best = id;
      bestTime = time;
    }
  }
  return best;
}

/** Forward from the head, while there is data and time does not go back. */
function lastInOrder(ring: Ring, head: number): number {
  let last = head;
  for (let step = 0; step < ring.nrSubbufs - 2; step++) {
    const id = next(ring, last);
    const [before, after] = [timeOf(ring, last), timeOf(ring, id)];
    if (before === undefined || after === undefined || after < before) break;
    last = id;
  }
  return last;
}

/** Backward from the commit page, while there is data and time does not go up. */
function firstInOrder(ring: Ring, commit: number): number {
  let first = commit;
  for (let step = 0; step < ring.nrSubbufs - 2; step++) {
    const id = previous(ring, first);
    const [before, after] = [timeOf(ring, id), timeOf(ring, first)];
    if (before === undefined || (after !== undefined && before > after)) break;
    first = id;
  }
  return first;
}
