import type { Span, Track, TrackKind } from "../derive/spans.js";
import type { TraceEvent } from "../events/event.js";
import type { Trace } from "../trace/trace.js";
import { kindName } from "./kind-name.js";
import { Scraps } from "./scraps.js";
import { OWN_UNITS, Shortfalls } from "./shortfalls.js";
import type { Exported, Sink } from "./sink.js";
import type { SpanNames } from "./spans/names.js";
import { StackCounts } from "./spans/stack-counts.js";
import { EventStacks } from "./spans/stacks.js";
import { Tracks } from "./spans/tracks.js";
import { type SpanVisitor, walkSpans } from "./spans/walk.js";

/**
 * Stacks in a line each, `outer;inner count`, as flamegraph.pl and its like take them. A file has one unit: the time in
 * functions where the function graph was traced, else how often each stack was logged, else the time of tasks on CPUs.
 */
export async function writeCollapsed(trace: Trace, sink: Sink): Promise<Exported> {
  const folded = await walkSpans(trace, sink, (names) => new Folded(trace, names));
  const { functions, stacks, cpu, scraps, shortfalls } = folded;
  const [chosen, ...others] = [functions, stacks, cpu].filter(({ events }) => events > 0);
  for (const other of others)
    shortfalls.add(`${other.what}, which have another unit: to export them, choose them alone`, other.events);
  if (chosen !== undefined && chosen !== stacks && !trace.inNs) shortfalls.add(OWN_UNITS, chosen.events);
  const events = chosen?.events ?? 0;
  for (const lines of chosen?.counts.lines() ?? []) await sink.write(lines, events);
  scraps.close();
  return { events, shortfalls: shortfalls.list() };
}

const NO_STACK = "events that are in no stack: left out";

/** What a file can hold. */
class Unit {
  readonly counts: StackCounts;
  events = 0;

  constructor(
    readonly what: string,
    scraps: Scraps,
  ) {
    this.counts = new StackCounts(scraps);
  }
}

interface OpenTrack {
  /** What is open, with the track before it: each by its own name, as whole stacks would be the square of it. */
  readonly frames: string[];
  since: number;
}

class Folded implements SpanVisitor {
  readonly scraps = new Scraps();
  readonly functions = new Unit("events of functions", this.scraps);
  readonly stacks = new Unit("stacks", this.scraps);
  readonly cpu = new Unit("switches of tasks", this.scraps);
  readonly shortfalls = new Shortfalls();
  private readonly tracks: Tracks<OpenTrack>;
  private readonly eventStacks: EventStacks;

  constructor(
    private readonly trace: Trace,
    private readonly names: SpanNames,
  ) {
    this.eventStacks = new EventStacks(trace);
    this.tracks = new Tracks(names, ({ from }) => ({ frames: [], since: from }));
  }

  began(span: Span): void {
    const { track, from } = span;
    if (this.of(track.kind) === undefined) return;
    const open = this.tracks.begin(span);
    this.spend(track, open, from);
    if (open.frames.length === 0) open.frames.push(frame(this.names.track(track)));
    open.frames.push(frame(this.names.of(span)));
  }

  ended({ track }: Span, until: number): void {
    if (this.of(track.kind) === undefined) return;
    const open = this.tracks.of(track);
    this.spend(track, open, until);
    open.frames.pop();
    if (open.frames.length === 1) open.frames.length = 0;
  }

  event(event: TraceEvent, shown: boolean): void {
    const kind = this.eventStacks.kind(event);
    if (kind !== undefined) {
      const root = frame(this.names.task(event.pid, event.position));
      this.stacks.counts.add([root, ...this.eventStacks.frames(event).map(frame)].join(";"), 1);
    }
    const unit = kind !== undefined ? this.stacks : shown ? this.unitOf(event) : undefined;
    if (unit === undefined) this.shortfalls.add(NO_STACK);
    else {
      unit.events++;
      this.shortfalls.unmarked(event);
    }
  }

  private spend(track: Track, open: OpenTrack, t: number): void {
    if (open.frames.length > 0 && t > open.since)
      this.of(track.kind)?.counts.add(open.frames.join(";"), t - open.since);
    open.since = t;
  }

  private of(kind: TrackKind): Unit | undefined {
    return kind === "functions" ? this.functions : kind === "cpu" ? this.cpu : undefined;
  }

  private unitOf({ type }: TraceEvent): Unit | undefined {
    const { system, name } = kindName(this.trace, type);
    return system === "ftrace" ? this.functions : name === "sched_switch" ? this.cpu : undefined;
  }
}

/** What parts frames from each other, and the count from them, is in none. */
function frame(name: string): string {
  return name.replace(/[;\n]/g, "_");
}
