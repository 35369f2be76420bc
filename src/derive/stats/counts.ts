import type { TraceEvent } from "../../events/event.js";
import type { EventStream } from "../../events/stream.js";
import { Histogram, type HistogramContents } from "./histogram.js";
import { type Gap, Silences } from "./silences.js";

export interface CpuCount {
  readonly cpu: number;
  count: number;
  readonly first: number;
  last: number;
  /** Places where events were lost, and how many where that is known. */
  lostPlaces: number;
  lostEvents: number;
  /** Times that the time went backwards. */
  backwards: number;
}

interface TaskCount {
  count: number;
  /** Its events' places in the trace (TraceEvent.position). */
  readonly firstAt: number;
  lastAt: number;
}

const GAPS = 5;
/** Tasks counted one by one; a hostile image has a pid for every event. */
const MAX_TASKS = 100_000;

/** Times since the origin. */
export interface StatsWindow {
  /** What is believed and was chosen: a time outside counts as its end. */
  readonly from: number;
  readonly to: number;
  /** Since when all CPUs are covered: silences before say nothing. */
  readonly coveredFrom: number;
  /** When a CPU lost events, and when any did: oldest first, apart from each other. */
  readonly unknown: { readonly byCpu: ReadonlyMap<number, readonly Gap[]>; readonly any: readonly Gap[] };
}

/** What was counted of a slice of a trace: plain data, so that one thread can tell another. */
export interface CountsContents {
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly byType: ReadonlyMap<number, number>;
  readonly byTask: ReadonlyMap<number, TaskCount>;
  readonly cpus: readonly (CpuCount & { readonly silences: readonly Gap[] })[];
  readonly gaps: readonly Gap[];
  readonly histogram: HistogramContents;
}

class CpuCounts implements CpuCount {
  count = 0;
  last: number;
  lostPlaces = 0;
  lostEvents = 0;
  backwards = 0;
  /** Times without an event since the CPU's first: the longest. */
  readonly silences: Silences;
  /** Of its last event, believed or not. */
  private time = Number.NEGATIVE_INFINITY;

  constructor(
    readonly cpu: number,
    readonly first: number,
    unknown: readonly Gap[] = [],
  ) {
    this.last = first;
    this.silences = new Silences(1, unknown);
  }

  /** @param t its time, as it counts */
  add(event: TraceEvent, t: number): void {
    this.count++;
    if (event.t < this.time) this.backwards++;
    this.time = event.t;
    this.reach(t);
    if (event.lost !== 0) {
      this.lostPlaces++;
      if (event.lost > 0) this.lostEvents += event.lost;
    }
  }

  append({ count, first, last, lostPlaces, lostEvents, backwards, silences }: CountsContents["cpus"][number]): void {
    this.count += count;
    this.reach(first);
    this.silences.append(silences);
    this.last = Math.max(this.last, last);
    this.lostPlaces += lostPlaces;
    this.lostEvents += lostEvents;
    this.backwards += backwards;
  }

  /** Nothing from the last event to here. */
  reach(t: number): void {
    this.silences.nothing(this.last, t);
    this.last = Math.max(this.last, t);
  }
}

/** Counts all that a trace, or a slice of it, holds: in one walk and bounded memory. */
export class Counts {
  count = 0;
  first = Number.NaN;
  last = Number.NaN;
  readonly byTask = new Map<number, TaskCount>();
  readonly histogram: Histogram;
  private readonly types = new Map<number, { count: number }>();
  /** By number, and in the order of their first events. */
  private readonly byCpu: (CpuCounts | undefined)[] = [];
  private readonly cpuOrder: CpuCounts[] = [];
  private readonly silences: Silences;

  /** @param start of the trace, where these are counts of a slice */
  constructor(
    private readonly window: StatsWindow,
    private readonly start?: number,
  ) {
    this.histogram = new Histogram(start);
    this.silences = new Silences(GAPS, window.unknown.any);
  }

  /** When an event counts as having been. */
  timeOf(event: TraceEvent): number {
    return Math.max(this.window.from, Math.min(event.t, this.window.to));
  }

  addAll(events: EventStream): this {
    for (let event = events.next(); event !== undefined; event = events.next()) this.add(event);
    return this;
  }

  private add(event: TraceEvent): void {
    const { pid, type } = event;
    const t = this.timeOf(event);
    this.reach(t);
    this.count++;
    this.histogram.add(t);
    const kind = this.types.get(type);
    if (kind !== undefined) kind.count++;
    else this.types.set(type, { count: 1 });
    this.addTask(pid, event.position);
    this.cpuCounts(event.cpu, t).add(event, t);
  }

  /** Nothing from the last event to here. */
  private reach(t: number): void {
    if (Number.isNaN(this.first)) {
      this.first = t;
      this.last = t;
      return;
    }
    this.silences.nothing(Math.max(this.last, this.window.coveredFrom), t);
    this.last = Math.max(this.last, t);
  }

  private addTask(pid: number, position: number): void {
    const task = this.byTask.get(pid);
    if (task !== undefined) {
      task.count++;
      task.lastAt = position;
      // Of slices, who adds them up sees to the bound.
    } else if (this.start !== undefined || this.byTask.size < MAX_TASKS)
      this.byTask.set(pid, { count: 1, firstAt: position, lastAt: position });
  }

  private cpuCounts(cpu: number, t: number): CpuCounts {
    let counts = this.byCpu[cpu];
    if (counts === undefined) {
      counts = new CpuCounts(cpu, t, this.window.unknown.byCpu.get(cpu));
      this.byCpu[cpu] = counts;
      this.cpuOrder.push(counts);
    }
    return counts;
  }

  /** Adds what comes next: no CPU's time goes back from there to here. */
  append(slice: CountsContents): void {
    if (slice.count === 0) return;
    this.reach(slice.first);
    this.silences.append(slice.gaps);
    this.last = Math.max(this.last, slice.last);
    this.count += slice.count;
    this.histogram.append(slice.histogram);
    for (const [type, count] of slice.byType) {
      const kind = this.types.get(type);
      if (kind !== undefined) kind.count += count;
      else this.types.set(type, { count });
    }
    for (const [pid, added] of slice.byTask) {
      const task = this.byTask.get(pid);
      if (task !== undefined) {
        task.count += added.count;
        task.lastAt = added.lastAt;
      } else if (this.byTask.size < MAX_TASKS) this.byTask.set(pid, { ...added });
    }
    for (const cpu of slice.cpus) this.cpuCounts(cpu.cpu, cpu.first).append(cpu);
  }

  /** The trace is over. */
  end(): this {
    for (const { silences, last } of this.cpuOrder) silences.nothing(last, this.window.to);
    return this;
  }

  get byType(): Map<number, number> {
    return new Map(Array.from(this.types, ([type, { count }]) => [type, count]));
  }

  get cpus(): CountsContents["cpus"] {
    return this.cpuOrder.map(({ cpu, count, first, last, lostPlaces, lostEvents, backwards, silences }) => ({
      ...{ cpu, count, first, last, lostPlaces, lostEvents, backwards },
      silences: silences.longest,
    }));
  }

  /** The longest times without an event of any CPU, longest first. */
  get gaps(): readonly Gap[] {
    return this.silences.longest;
  }

  get contents(): CountsContents {
    const { count, first, last, byType, byTask, cpus, gaps, histogram } = this;
    return { count, first, last, byType, byTask, cpus, gaps, histogram: histogram.contents };
  }
}
