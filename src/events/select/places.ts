import { UsageError } from "../../ground/errors.js";
import type { TraceEvent } from "../event.js";
import type { EventStream } from "../stream.js";
import type { EventTest } from "./test.js";

/** Which of the wanted events, by their place; what is absent leaves none out. */
export interface PlaceSpec {
  /** Only those around a time, or around the event whose record holds an offset of the image (`0x...`). */
  readonly around?: { readonly at: string; readonly context: number } | undefined;
  /** Of each CPU only the first or the last so many. */
  readonly perCpu?: { readonly head?: number | undefined; readonly tail?: number | undefined } | undefined;
}

export interface TraceWalks {
  /** All events, and those that are wanted. */
  all(): EventStream;
  wanted(): EventStream;
  /** The time since the origin that a text means. */
  time(text: string): number;
}

/** A test by place. It needs walks of its own, so it is made when events are first asked for. */
export function placeTest({ around, perCpu }: PlaceSpec, walks: TraceWalks): EventTest | undefined {
  if (around !== undefined) {
    const { first, last } = aroundPlace(around, walks);
    return ({ position }) => position >= first && position <= last;
  }
  if (perCpu === undefined) return undefined;
  const { head, tail } = perCpu;
  const limits = head === undefined ? lastOfEach(walks.wanted(), tail ?? 0) : firstOfEach(walks.wanted(), head);
  return ({ cpu, position }) => {
    const limit = limits[cpu];
    if (limit === undefined) return false;
    return head === undefined ? position >= limit : position <= limit;
  };
}

/** By CPU: the position of its nth event, or of its last where it has fewer. */
function firstOfEach(events: EventStream, most: number): (number | undefined)[] {
  const counts: number[] = [];
  const limits: (number | undefined)[] = [];
  for (let event = events.next(); event !== undefined; event = events.next()) {
    const count = (counts[event.cpu] ?? 0) + 1;
    counts[event.cpu] = count;
    if (count <= most) limits[event.cpu] = event.position;
  }
  return limits;
}

/** By CPU: the position of its nth last event, or of its first where it has fewer. */
function lastOfEach(events: EventStream, most: number): (number | undefined)[] {
  const rings: number[][] = [];
  const counts: number[] = [];
  if (most === 0) return [];
  for (let event = events.next(); event !== undefined; event = events.next()) {
    const { cpu, position } = event;
    let ring = rings[cpu];
    if (ring === undefined) {
      ring = [];
      rings[cpu] = ring;
    }
    const count = counts[cpu] ?? 0;
    ring[count % most] = position;
    counts[cpu] = count + 1;
  }
  return rings.map((ring, cpu) => ring[counts[cpu]! % most] ?? ring[0]);
}

function aroundPlace(
  { at, context }: { readonly at: string; readonly context: number },
  walks: TraceWalks,
): { first: number; last: number } {
  const centre = centreOf(at, walks);
  const before: number[] = [];
  let last = centre;
  let seen = 0;
  let behind = 0;
  const events = walks.wanted();
  for (let event = events.next(); event !== undefined && behind < context; event = events.next()) {
    const { position } = event;
    if (position < centre && context > 0) before[seen++ % context] = position;
    if (position <= centre) continue;
    last = position;
    behind++;
  }
  return { first: Math.min(centre, ...before), last };
}

/** The position of the event that is meant. */
function centreOf(at: string, walks: TraceWalks): number {
  const isOffset = /^0x[0-9a-f]{1,12}$/i.test(at);
  if (!isOffset && !/^-?\d+(?!x)/i.test(at))
    throw new UsageError(`${at}: neither a time nor an offset; write it like 136.425533, -200ms or 0x1c140`, "around");
  const wanted = isOffset ? Number(at) : walks.time(at);
  const events = walks.all();
  let last = -1;
  for (let event = events.next(); event !== undefined; event = events.next()) {
    if (isOffset ? holds(event, wanted) : event.t >= wanted) return event.position;
    last = event.position;
  }
  if (isOffset || last < 0) throw new UsageError(`${at}: no event's record is there`, "around");
  return last;
}

function holds({ offset, data, dataSize, record }: TraceEvent, place: number): boolean {
  return place >= offset && place < offset + (data - record) + dataSize;
}
