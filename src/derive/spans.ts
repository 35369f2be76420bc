import type { TraceEvent } from "../events/event.js";
import { KeptEvent } from "../events/kept-event.js";
import type { Tracker, Watch } from "./follow.js";
import type { EventKind } from "./kinds.js";
import type { OpenCalls } from "./open/calls.js";
import type { GraphStacks } from "./open/graph.js";
import type { OpenHandlers } from "./open/handlers.js";
import { contextKey } from "./per-context.js";
import type { RunningTasks } from "./tasks/running.js";

/** What a track shows: which task a CPU runs, its interrupts; a task's system calls and work, its functions. */
export type TrackKind = "cpu" | "interrupts" | "task" | "functions";

/** Why a span ends: it was over by then; events are lost from there on; the trace ends there. */
export type EndOfSpan = "over" | "lost" | "end";

/** Something that lasted. */
export interface Span {
  readonly track: Track;
  /** How many spans of the track are around it. */
  readonly depth: number;
  /** What it began with. */
  readonly event: KeptEvent;
  /** When it begins here: later than its event where what was around it is cut off. */
  from: number;
}

export interface SpanListener {
  began(span: Span): void;
  /** @param by the event by which it is over */
  ended(span: Span, until: number, how: EndOfSpan, by?: TraceEvent): void;
}

/** Spans that follow each other or nest, and never cross; times never fall. */
export class Track {
  private readonly spans: Span[] = [];
  open = 0;
  /** Of the last beginning or end. */
  time = Number.NEGATIVE_INFINITY;

  /** @param id the CPU, or the task; -1 - CPU of a CPU's idle task */
  constructor(
    readonly kind: TrackKind,
    readonly id: number,
  ) {}

  at(depth: number): Span {
    return this.spans[depth]!;
  }

  push(event: TraceEvent, from: number): Span {
    let span = this.spans[this.open];
    if (span === undefined) {
      span = { track: this, depth: this.open, event: new KeptEvent(), from };
      this.spans.push(span);
    }
    span.event.take(event);
    span.from = from;
    this.open++;
    return span;
  }
}

/** What is followed: each comes before the spans in the list of trackers. */
export interface SpanSources {
  readonly running: RunningTasks;
  readonly calls: OpenCalls;
  readonly handlers: OpenHandlers;
  readonly functions: GraphStacks;
}

/** Tracks that are kept; a hostile image has a new task in every event. */
const MAX_TRACKS = 65_536;

/**
 * What lasted, as beginnings and ends: after each event, what the trackers then hold is compared with what is open here.
 * What a CPU logged before a loss of events ends where that CPU was seen last, so every beginning has its end.
 */
export class Spans implements Tracker {
  /** By task, and by context. */
  private readonly tasks = new Map<number, Track>();
  private readonly contexts = new Map<number, Track>();
  private readonly cpus: (CpuState | undefined)[] = [];
  private readonly wanted: TraceEvent[] = [];
  /** Whether anything began or ended at the event that is looked at. */
  changed = false;

  constructor(
    private readonly sources: SpanSources,
    private readonly listener: SpanListener,
  ) {}

  /** The part that comes first in the list: it closes what a loss cuts off, before others forget it. */
  readonly losses: Tracker = {
    every: (event) => {
      this.changed = false;
      const state = this.cpu(event.cpu);
      if (event.lost !== 0 && state.seen !== undefined) this.lose(state, event);
      state.seen = event.t;
    },
  };

  every(event: TraceEvent): void {
    const { pid, cpu } = event;
    const { running, handlers, functions } = this.sources;
    const state = this.cpu(cpu);
    const now = running.on(cpu);
    // Nothing is shown of an idle CPU.
    if (now !== undefined && now.pid !== 0) this.want(now.since);
    this.sync(state.running, event);
    const stack = handlers.stack(pid, cpu);
    for (let i = 0; stack !== undefined && i < stack.depth; i++) {
      const { what, event: begin } = stack.at(i);
      if (what.what !== "work" && begin.cpu === cpu) this.want(begin);
    }
    this.sync(state.interrupts, event);
    if (pid > 0) this.syncTask(pid, event);
    const calls = functions.stack(pid, cpu);
    if (calls === undefined) return;
    for (let i = 0; i < calls.depth; i++) this.want(calls.at(i).event);
    this.sync(this.track(this.contexts, "functions", contextKey(pid, cpu)), event);
  }

  /** A task that is gone is in nothing more. */
  watch(kind: EventKind): Watch | undefined {
    if (kind.system !== "sched" || kind.name !== "sched_process_free") return undefined;
    const gone = kind.number("pid");
    return (
      gone &&
      ((event) => {
        this.syncTask(gone(event), event);
        this.sync(this.contexts.get(gone(event)), event);
      })
    );
  }

  /** @param until the last event's time since the origin */
  finish(until: number): void {
    const cpus = this.cpus.flatMap((state) => (state === undefined ? [] : [state.running, state.interrupts]));
    for (const track of [...cpus, ...this.tasks.values(), ...this.contexts.values()])
      this.close(track, 0, until, "end");
  }

  private syncTask(pid: number, event: TraceEvent): void {
    const stack = this.sources.handlers.stack(pid, 0);
    for (let i = 0; stack !== undefined && i < stack.depth; i++)
      if (stack.at(i).what.what === "work") this.want(stack.at(i).event);
    const call = this.sources.calls.of(pid);
    if (call !== undefined) this.want(call.enter);
    this.sync(this.wanted.length > 0 ? this.track(this.tasks, "task", pid) : this.tasks.get(pid), event);
  }

  /** What began before a loss on its CPU is over, as far as is known. */
  private want(begin: TraceEvent): void {
    if (begin.position >= (this.cpus[begin.cpu]?.lostAt ?? -1)) this.wanted.push(begin);
  }

  private sync(track: Track | undefined, event: TraceEvent): void {
    const { wanted } = this;
    if (track !== undefined && (wanted.length > 0 || track.open > 0)) {
      let same = 0;
      while (same < track.open && same < wanted.length && track.at(same).event.position === wanted[same]!.position)
        same++;
      if (same < track.open || same < wanted.length) this.changed = true;
      track.time = Math.max(track.time, event.t);
      while (track.open > same) this.listener.ended(track.at(--track.open), track.time, "over", event);
      for (let i = same; i < wanted.length; i++) this.begin(track, wanted[i]!);
    }
    wanted.length = 0;
  }

  /** Where it is begun again, what was around it was cut off meanwhile: then it goes on from here. */
  private begin(track: Track, event: TraceEvent): void {
    this.listener.began(track.push(event, track.time));
    this.cpu(event.cpu).begun.add(track);
  }

  private close(track: Track, depth: number, t: number, how: EndOfSpan): void {
    track.time = Math.max(track.time, t);
    while (track.open > depth) this.listener.ended(track.at(--track.open), track.time, how);
  }

  private lose(state: CpuState, event: TraceEvent): void {
    for (const track of state.begun)
      for (let depth = 0; depth < track.open; depth++)
        if (track.at(depth).event.cpu === event.cpu) this.close(track, depth, state.seen!, "lost");
    state.begun.clear();
    state.lostAt = event.position;
  }

  private cpu(cpu: number): CpuState {
    let state = this.cpus[cpu];
    if (state === undefined) {
      state = {
        running: new Track("cpu", cpu),
        interrupts: new Track("interrupts", cpu),
        begun: new Set(),
        seen: undefined,
        lostAt: -1,
      };
      this.cpus[cpu] = state;
    }
    return state;
  }

  private track(tracks: Map<number, Track>, kind: TrackKind, id: number): Track | undefined {
    let track = tracks.get(id);
    if (track === undefined && tracks.size < MAX_TRACKS) {
      track = new Track(kind, id);
      tracks.set(id, track);
    }
    return track;
  }
}

interface CpuState {
  readonly running: Track;
  readonly interrupts: Track;
  /** Where something has begun on this CPU since its last loss. */
  readonly begun: Set<Track>;
  /** When it logged last. */
  seen: number | undefined;
  /** The first event behind its last loss. */
  lostAt: number;
}
