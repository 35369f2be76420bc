import type { Span, Track, TrackKind } from "../derive/spans.js";
import type { TraceEvent } from "../events/event.js";
import { decodeLatin1 } from "../ground/latin1.js";
import type { Trace } from "../trace.js";
import { kindName } from "./kind-name.js";
import { OWN_UNITS, Shortfalls } from "./shortfalls.js";
import type { Exported, Sink } from "./sink.js";
import type { SpanNames } from "./spans/names.js";
import { EventStacks } from "./spans/stacks.js";
import { Tracks } from "./spans/tracks.js";
import { type SpanVisitor, walkSpans } from "./spans/walk.js";

/**
 * Stacks in a line each, `outer;inner count`, as flamegraph.pl and its like take them. A file has one unit: the time in
 * functions where the function graph was traced, else how often each stack was logged, else the time of tasks on CPUs.
 */
export async function writeCollapsed(trace: Trace, sink: Sink): Promise<Exported> {
  const folded = await walkSpans(trace, sink, (names) => new Folded(trace, names));
  const { functions, stacks, cpu, shortfalls } = folded;
  const [chosen, ...others] = [functions, stacks, cpu].filter(({ events }) => events > 0);
  for (const other of others)
    shortfalls.add(`${other.what}, which have another unit: to export them, choose them alone`, other.events);
  if (chosen !== undefined && chosen !== stacks && !trace.inNs) shortfalls.add(OWN_UNITS, chosen.events);
  const events = chosen?.events ?? 0;
  for (const [stack, count] of chosen?.counts ?? [])
    await sink.write(Buffer.from(`${decodeLatin1(stack)} ${Math.round(count)}\n`), events);
  return { events, shortfalls: shortfalls.list() };
}

const NO_STACK = "events that are in no stack: left out";
/** Different stacks that are kept; a hostile image has a new one in every event. */
const MAX_STACKS = 1 << 20;

class Counts {
  readonly counts = new Map<string, number>();
  events = 0;

  constructor(readonly what: string) {}

  add(stack: string, count: number): void {
    const before = this.counts.get(stack);
    if (before !== undefined || this.counts.size < MAX_STACKS) this.counts.set(stack, (before ?? 0) + count);
  }
}

interface OpenTrack {
  /** The names up to each depth, in a line. */
  readonly stack: string[];
  since: number;
}

class Folded implements SpanVisitor {
  readonly functions = new Counts("events of functions");
  readonly stacks = new Counts("stacks");
  readonly cpu = new Counts("switches of tasks");
  readonly shortfalls = new Shortfalls();
  private readonly tracks: Tracks<OpenTrack>;
  private readonly eventStacks: EventStacks;

  constructor(
    private readonly trace: Trace,
    private readonly names: SpanNames,
  ) {
    this.eventStacks = new EventStacks(trace);
    this.tracks = new Tracks(names, ({ from }) => ({ stack: [], since: from }));
  }

  began(span: Span): void {
    const { track, from } = span;
    if (this.of(track.kind) === undefined) return;
    const open = this.tracks.begin(span);
    this.spend(track, open, from);
    const outer = open.stack.at(-1) ?? frame(this.names.track(track));
    open.stack.push(`${outer};${frame(this.names.of(span))}`);
  }

  ended({ track }: Span, until: number): void {
    if (this.of(track.kind) === undefined) return;
    const open = this.tracks.of(track);
    this.spend(track, open, until);
    open.stack.pop();
  }

  event(event: TraceEvent, shown: boolean): void {
    const kind = this.eventStacks.kind(event);
    if (kind !== undefined) {
      const root = frame(this.names.task(event.pid, event.position));
      this.stacks.add([root, ...this.eventStacks.frames(event).map(frame)].join(";"), 1);
    }
    const counts = kind !== undefined ? this.stacks : shown ? this.countsOf(event) : undefined;
    if (counts === undefined) this.shortfalls.add(NO_STACK);
    else {
      counts.events++;
      this.shortfalls.unmarked(event);
    }
  }

  private spend(track: Track, open: OpenTrack, t: number): void {
    const stack = open.stack.at(-1);
    if (stack !== undefined && t > open.since) this.of(track.kind)?.add(stack, t - open.since);
    open.since = t;
  }

  private of(kind: TrackKind): Counts | undefined {
    return kind === "functions" ? this.functions : kind === "cpu" ? this.cpu : undefined;
  }

  private countsOf({ type }: TraceEvent): Counts | undefined {
    const { system, name } = kindName(this.trace, type);
    return system === "ftrace" ? this.functions : name === "sched_switch" ? this.cpu : undefined;
  }
}

/** What parts frames from each other, and the count from them, is in none. */
function frame(name: string): string {
  return name.replace(/[;\n]/g, "_");
}
