import type { TraceEvent } from "../events/event.js";
import type { Tracker } from "./follow.js";
import type { OpenCalls } from "./open/calls.js";
import type { OpenHandlers } from "./open/handlers.js";
import type { RunningTasks } from "./tasks/running.js";

/** What a bin is kept of; a hostile image has a new task in every event. */
const MAX_KEYS = 64;

/** Time by what it was spent on, in bins of equal length. */
export class Lane<K> {
  private readonly bins: (Map<K, number> | undefined)[];

  constructor(private readonly window: LaneWindow) {
    this.bins = new Array<Map<K, number> | undefined>(window.bins).fill(undefined);
  }

  add(key: K, from: number, to: number): void {
    const { from: start, bins } = this.window;
    const width = binWidth(this.window);
    const last = Math.min(bins - 1, Math.floor((to - start) / width));
    for (let bin = Math.max(0, Math.floor((from - start) / width)); bin <= last; bin++) {
      const begin = Math.max(from, start + bin * width);
      const end = Math.min(to, start + (bin + 1) * width);
      if (end > begin) this.put(bin, key, end - begin);
    }
  }

  private put(bin: number, key: K, time: number): void {
    let spent = this.bins[bin];
    if (spent === undefined) {
      spent = new Map();
      this.bins[bin] = spent;
    }
    const before = spent.get(key);
    if (before !== undefined || spent.size < MAX_KEYS) spent.set(key, (before ?? 0) + time);
  }

  /** What most of a bin's time was spent on, and how much of the bin. */
  at(bin: number): { readonly key: K; readonly share: number } | undefined {
    const spent = this.bins[bin];
    if (spent === undefined) return undefined;
    let best: [K, number] | undefined;
    for (const entry of spent) if (best === undefined || entry[1] > best[1]) best = entry;
    return best && { key: best[0], share: best[1] / binWidth(this.window) };
  }

  /** The time by what it was spent on. */
  totals(): Map<K, number> {
    const totals = new Map<K, number>();
    for (const spent of this.bins)
      for (const [key, time] of spent ?? []) totals.set(key, (totals.get(key) ?? 0) + time);
    return totals;
  }
}

/** Times since the origin, cut into bins. */
export interface LaneWindow {
  readonly from: number;
  readonly to: number;
  readonly bins: number;
}

function binWidth({ from, to, bins }: LaneWindow): number {
  return Math.max(1, to - from) / bins;
}

/** One CPU's lanes. */
export interface CpuLanes {
  readonly cpu: number;
  readonly task: Lane<number>;
  readonly irq: Lane<string>;
  /** By name, or by number. */
  readonly syscall: Lane<string | number>;
  /** Bins with a loss of events. */
  readonly lost: Set<number>;
  /** Times of its first and last event. */
  readonly first: number;
  last: number;
}

/**
 * What each CPU did from event to event: the time between two of its events belongs to what was so at the first. Comes
 * before the trackers that it asks in the list.
 */
export class Lanes implements Tracker {
  private readonly all: (CpuLanes | undefined)[] = [];

  constructor(
    private readonly window: LaneWindow,
    private readonly running: RunningTasks,
    private readonly calls: OpenCalls,
    private readonly handlers: OpenHandlers,
  ) {}

  /** Those of the CPUs that have events; what was at a CPU's last event lasts to the end of the window. */
  finish(): readonly CpuLanes[] {
    const lanes = this.all.filter((each) => each !== undefined);
    for (const each of lanes) this.spend(each, this.window.to);
    return lanes;
  }

  every(event: TraceEvent): void {
    const { cpu, t } = event;
    let lanes = this.all[cpu];
    if (lanes === undefined) {
      const { window } = this;
      lanes = {
        cpu,
        task: new Lane(window),
        irq: new Lane(window),
        syscall: new Lane(window),
        lost: new Set(),
        first: t,
        last: t,
      };
      this.all[cpu] = lanes;
    } else if (event.lost === 0) this.spend(lanes, t);
    else this.lose(lanes, t);
    lanes.last = Math.max(lanes.last, t);
  }

  /** What was before a loss is unknown since the CPU's event before. */
  private lose({ last, lost }: CpuLanes, to: number): void {
    const { from, bins } = this.window;
    const bin = (t: number): number => Math.floor((t - from) / binWidth(this.window));
    for (let i = Math.max(0, bin(last)); i <= Math.min(bins - 1, bin(to)); i++) lost.add(i);
  }

  private spend(lanes: CpuLanes, to: number): void {
    const { cpu, last: from } = lanes;
    const running = this.running.on(cpu);
    if (running === undefined || to <= from || to <= this.window.from) return;
    const { pid } = running;
    lanes.task.add(pid, from, to);
    const handler = this.handlers.top(pid, cpu);
    if (handler !== undefined && handler.what !== "work") lanes.irq.add(handler.what, from, to);
    const call = this.calls.of(pid);
    if (call !== undefined) lanes.syscall.add(call.name ?? call.nr, from, to);
  }
}
