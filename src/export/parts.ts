import type { Taking } from "../events/cut-stream.js";
import type { EventStream } from "../events/stream.js";
import type { Trace } from "../trace/trace.js";
import type { Exported, Identity, Shortfall, Sink, WriteExport } from "./sink.js";

/** Output that is made of parts of a trace, one behind the other: whoever makes which, the bytes are the same. */
export interface Parts<Facts = unknown> {
  /** How many of the wanted events are a part, the last of fewer; undefined where a part may have any. */
  readonly batch: number | undefined;
  /** Each part is for itself. */
  readonly apart: boolean;
  /** What stands before the first part. */
  head(): Buffer;
  /** What of the first part's bytes stands between parts, and not before the first. */
  readonly lead: number;
  /** Where events are shown with others. */
  readonly taking?: Taking | undefined;
  /** A part of at most so many events, in pieces that are valid until the next is asked for. */
  pieces(events: EventStream, most: number): Generator<Buffer>;
  /** What is to be known in the end of the part that pieces() has made: plain data, so that one thread can tell another. */
  facts(): Facts;
  /** @param facts of all parts, in order */
  end(facts: readonly Facts[]): End;
}

/** What stands behind the last part, and what there is to tell. */
export interface End {
  readonly foot: Buffer;
  readonly shortfalls: readonly Shortfall[];
  /** Events that no part has. */
  readonly leftOut: number;
}

/** How a trace is written in parts. */
export type PartsOf = (trace: Trace, identity: Identity) => Parts;

/** All of it, in pieces that are valid until the next is asked for. */
export function* partBytes(parts: Parts, events: EventStream): Generator<Buffer, End> {
  const { batch = Number.POSITIVE_INFINITY } = parts;
  const head = parts.head();
  if (head.length > 0) yield head;
  const facts: unknown[] = [];
  let { lead } = parts;
  for (let before = -batch; events.given - before === batch; ) {
    before = events.given;
    for (const piece of parts.pieces(events, batch)) {
      yield lead > 0 ? piece.subarray(lead) : piece;
      lead = 0;
    }
    facts.push(parts.facts());
  }
  const end = parts.end(facts);
  if (end.foot.length > 0) yield end.foot;
  return end;
}

/** Writes it, by one thread. */
export async function writeWhole(parts: Parts, events: EventStream, sink: Sink): Promise<Exported> {
  const bytes = partBytes(parts, events);
  for (let piece = bytes.next(); ; piece = bytes.next()) {
    if (piece.done) return { events: events.given - piece.value.leftOut, shortfalls: piece.value.shortfalls };
    await sink.write(piece.value, events.given);
  }
}

export function writeParts(partsOf: PartsOf): WriteExport {
  return (trace, sink, identity) => writeWhole(partsOf(trace, identity), trace.events(), sink);
}
