import type { Taking } from "../events/cut-stream.js";
import type { TraceEvent } from "../events/event.js";
import type { EventStream } from "../events/stream.js";
import { TextSink } from "../print/text-sink.js";
import type { Parts } from "./parts.js";

/** Rows are handed on when this much has come together. */
const CHUNK = 128 * 1024;
/** Room for the row that goes beyond. */
const SPARE = 32 * 1024;

/** Output that is made of one event after the other, one character a byte. */
interface Rows {
  /** What stands before the first event. */
  head(): string;
  /** What of the first event's bytes stands between events, and not before the first. */
  readonly lead?: number;
  /** What stands behind the last. */
  readonly foot?: string;
  /** The rows of the slices, one behind the other, are those of the trace. */
  readonly apart: boolean;
  /** Where rows show events with others. */
  readonly taking?: Taking | undefined;
  /** The rows, in chunks that are valid until the next is asked for. */
  pieces(events: EventStream): Generator<Buffer>;
}

/** Rows can be parted between any two events. */
export function inRows({ head, lead = 0, foot = "", apart, taking, pieces }: Rows): Parts<undefined> {
  return {
    batch: undefined,
    apart,
    head: () => Buffer.from(head(), "latin1"),
    lead,
    taking,
    pieces,
    facts: () => undefined,
    end: () => ({ foot: Buffer.from(foot, "latin1"), shortfalls: [], leftOut: 0 }),
  };
}

/** Writes the row of an event. */
interface RowWriter {
  write(event: TraceEvent, out: TextSink): void;
}

/** Room for the rows of a chunk. */
export function rowSink(): TextSink {
  return new TextSink(CHUNK + SPARE);
}

/** The rows of events, at most so many, in chunks that are valid until the next is asked for. */
export function* rowsOf(
  writer: RowWriter,
  events: EventStream,
  out: TextSink,
  most = Number.POSITIVE_INFINITY,
): Generator<Buffer> {
  for (const end = events.given + most; fill(writer, events, out, end); ) yield out.take();
  if (out.at > 0) yield out.take();
}

/**
 * Writes events until there is enough to hand on; false at their end. A loop of its own: in a generator, which is entered once, it
 * is compiled as long as it runs and begins anew with each slice.
 */
function fill(writer: RowWriter, events: EventStream, out: TextSink, end: number): boolean {
  while (events.given < end) {
    const event = events.next();
    if (event === undefined) return false;
    writer.write(event, out);
    if (out.at >= CHUNK) return true;
  }
  return false;
}
