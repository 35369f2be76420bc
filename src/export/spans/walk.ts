import { Following, type Tracker } from "../../derive/follow.js";
import { OpenCalls } from "../../derive/open/calls.js";
import { GraphStacks } from "../../derive/open/graph.js";
import { OpenHandlers } from "../../derive/open/handlers.js";
import { type SpanListener, Spans } from "../../derive/spans.js";
import { syscallsOf } from "../../derive/syscalls.js";
import { RunningTasks } from "../../derive/tasks/running.js";
import type { TraceEvent } from "../../events/event.js";
import type { Trace } from "../../trace/trace.js";
import type { Sink } from "../sink.js";
import { isBoundary } from "./boundaries.js";
import { SpanNames } from "./names.js";

/** What a format for viewers makes of a trace. */
export interface SpanVisitor extends SpanListener {
  /** @param shown as the beginning or the end of a span, and nothing else */
  event(event: TraceEvent, shown: boolean): void;
}

/** The whole walk at once, for formats that write when they have seen all; the sink is told how far it is. */
export async function walkSpans<V extends SpanVisitor>(
  trace: Trace,
  sink: Sink,
  visit: (names: SpanNames) => V,
): Promise<V> {
  const visitors: V[] = [];
  const walk = new SpanWalk(trace, (names) => {
    const visitor = visit(names);
    visitors.push(visitor);
    return visitor;
  });
  const events = trace.events();
  for (let event = events.next(); event !== undefined; event = events.next()) {
    walk.tell(event);
    if (events.given % STRIDE === 0) await sink.write(NOTHING, events.given);
  }
  walk.finish();
  return visitors[0]!;
}

const STRIDE = 16_384;
const NOTHING = new Uint8Array(0);

/** Walks over the events, and tells of the spans that they make. */
export class SpanWalk {
  private readonly spans: Spans;
  private readonly following: Following;
  private readonly boundaries: (boolean | undefined)[] = [];
  private last = 0;

  private readonly visitor: SpanVisitor;

  /** @param visit makes the visitor, who may ask what things are called */
  constructor(
    private readonly trace: Trace,
    visit: (names: SpanNames) => SpanVisitor,
  ) {
    const sources = {
      running: new RunningTasks(),
      calls: new OpenCalls(syscallsOf(trace)),
      handlers: new OpenHandlers(),
      functions: new GraphStacks(),
    };
    this.visitor = visit(new SpanNames(trace, sources));
    this.spans = new Spans(sources, this.visitor);
    const trackers: readonly Tracker[] = [this.spans.losses, ...Object.values(sources), this.spans];
    this.following = new Following(trace.kinds, trackers);
  }

  tell(event: TraceEvent): void {
    this.following.tell(event);
    this.last = Math.max(this.last, event.t);
    this.visitor.event(event, this.spans.changed && this.isBoundary(event.type));
  }

  /** Ends what is open. */
  finish(): void {
    this.spans.finish(this.last);
  }

  private isBoundary(type: number): boolean {
    let boundary = this.boundaries[type + 1];
    if (boundary === undefined) {
      boundary = isBoundary(type, this.trace.kinds);
      this.boundaries[type + 1] = boundary;
    }
    return boundary;
  }
}
