import type { CutStream } from "../events/cut-stream.js";
import type { Slice } from "../events/slices.js";
import type { EventStream } from "../events/stream.js";
import type { Trace } from "../trace.js";

/** Output that is made of one event after the other: of slices of a trace as well as of all of it, one character a byte. */
export interface Rows {
  /** What stands before the first event. */
  head(): string;
  /** What of the first event's bytes stands between events, and not before the first. */
  readonly lead: number;
  /** What stands behind the last. */
  readonly foot: string;
  /** The rows of the slices, one behind the other, are those of the trace. */
  readonly apart: boolean;
  /** The events that the rows of a slice are made from. */
  events(cut: CutStream, slice: Slice): EventStream;
  /** The rows, in chunks that are valid until the next is asked for. */
  pieces(events: EventStream): Generator<Buffer>;
}

/** How a trace is written as rows. */
export type RowsOf = (trace: Trace) => Rows;

/** All of it, in chunks that are valid until the next is asked for. */
export function* rowBytes(rows: Rows, events: EventStream): Generator<Buffer> {
  const { foot } = rows;
  let { lead } = rows;
  const head = rows.head();
  if (head !== "") yield Buffer.from(head, "latin1");
  for (const piece of rows.pieces(events)) {
    yield lead > 0 ? piece.subarray(lead) : piece;
    lead = 0;
  }
  if (foot !== "") yield Buffer.from(foot, "latin1");
}
