import type { EndOfSpan, Span, Track } from "../../src/derive/spans.js";
import type { TraceEvent } from "../../src/events/event.js";
import type { SpanNames } from "../../src/export/spans/names.js";
import { SpanWalk } from "../../src/export/spans/walk.js";
import type { Trace } from "../../src/trace/trace.js";

/** One span that was told of, and how it ended. */
export interface ToldSpan {
  readonly track: Track;
  readonly name: string;
  readonly depth: number;
  readonly from: number;
  until: number;
  how: EndOfSpan;
}

/** All spans of a trace, in the order of their beginnings; throws where one crosses another or time falls. */
export function spansOf(trace: Trace) {
  const spans: ToldSpan[] = [];
  const open = new Map<Track, ToldSpan[]>();
  const times = new Map<Track, number>();
  const counts = { shown: 0, instants: 0, losses: 0 };
  const tick = (track: Track, t: number): void => {
    if (t < (times.get(track) ?? Number.NEGATIVE_INFINITY)) throw new Error(`time falls on ${track.kind} ${track.id}`);
    times.set(track, t);
  };
  const visit = (names: SpanNames) => ({
    began: (span: Span) => {
      const stack = open.get(span.track) ?? [];
      open.set(span.track, stack);
      if (stack.length !== span.depth) throw new Error(`depth ${span.depth} of ${stack.length}`);
      tick(span.track, span.from);
      const told = { ...span, name: names.of(span), until: span.from, how: "end" as const };
      spans.push(told);
      stack.push(told);
    },
    ended: ({ track, depth }: Span, until: number, how: EndOfSpan) => {
      const stack = open.get(track)!;
      if (stack.length !== depth + 1) throw new Error(`ends at depth ${depth} of ${stack.length}`);
      tick(track, until);
      Object.assign(stack.pop()!, { until, how });
    },
    event: (event: TraceEvent, shown: boolean) => {
      if (event.lost !== 0) counts.losses++;
      if (shown) counts.shown++;
      else counts.instants++;
    },
  });
  const walk = new SpanWalk(trace, visit);
  const events = trace.events();
  for (let event = events.next(); event !== undefined; event = events.next()) walk.tell(event);
  walk.finish();
  if ([...open.values()].some((stack) => stack.length > 0)) throw new Error("something is left open");
  return { spans, ...counts };
}
