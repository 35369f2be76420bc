import type { TaskNames } from "../../events/names.js";
import type { EventStream } from "../../events/stream.js";
import { Histogram } from "./histogram.js";
import { type Gap, Silences } from "./silences.js";

export interface CpuCount {
  readonly cpu: number;
  count: number;
  first: number;
  last: number;
  /** Places where events were lost, and how many where that is known. */
  lostPlaces: number;
  lostEvents: number;
  /** Times that the time went backwards. */
  backwards: number;
  /** Times without an event since the CPU's first, up to the end of the window: the longest. */
  readonly silences: Silences;
}

export interface TraceStats {
  count: number;
  first: number;
  last: number;
  readonly byType: Map<number, number>;
  /** By pid. */
  readonly byTask: Map<number, { count: number; comm: string }>;
  readonly byCpu: Map<number, CpuCount>;
  /** The longest times without an event of any CPU, longest first. */
  readonly gaps: readonly Gap[];
  readonly histogram: Histogram;
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

/** Counts all that a trace holds, in one walk and bounded memory. */
export function collectStats(events: EventStream, names: TaskNames, window: StatsWindow): TraceStats {
  const silences = new Silences(GAPS, window.unknown.any);
  const stats: TraceStats = {
    count: 0,
    first: Number.NaN,
    last: Number.NaN,
    byType: new Map(),
    byTask: new Map(),
    byCpu: new Map(),
    gaps: silences.longest,
    histogram: new Histogram(),
  };
  /** Of each CPU's last event, believed or not. */
  const times: number[] = [];
  for (let event = events.next(); event !== undefined; event = events.next()) {
    const { cpu, pid, type } = event;
    const t = Math.max(window.from, Math.min(event.t, window.to));
    if (stats.count > 0) silences.nothing(Math.max(stats.last, window.coveredFrom), t);
    if (stats.count++ === 0) stats.first = t;
    stats.last = stats.count === 1 ? t : Math.max(stats.last, t);
    stats.histogram.add(t);
    stats.byType.set(type, (stats.byType.get(type) ?? 0) + 1);
    const task = stats.byTask.get(pid);
    if (task !== undefined) task.count++;
    else if (stats.byTask.size < MAX_TASKS) stats.byTask.set(pid, { count: 1, comm: "" });
    let row = stats.byCpu.get(cpu);
    if (row === undefined) {
      const own = new Silences(1, window.unknown.byCpu.get(cpu) ?? []);
      row = { cpu, count: 0, first: t, last: t, lostPlaces: 0, lostEvents: 0, backwards: 0, silences: own };
      stats.byCpu.set(cpu, row);
    }
    row.count++;
    if (event.t < (times[cpu] ?? event.t)) row.backwards++;
    times[cpu] = event.t;
    row.silences.nothing(row.last, t);
    row.last = Math.max(row.last, t);
    if (event.lost !== 0) {
      row.lostPlaces++;
      if (event.lost > 0) row.lostEvents += event.lost;
    }
    if (task === undefined || task.comm === "" || task.comm === "<...>") {
      const entry = stats.byTask.get(pid);
      if (entry !== undefined) entry.comm = names.at(pid, event.position);
    }
  }
  for (const { silences, last } of stats.byCpu.values()) silences.nothing(last, window.to);
  return stats;
}
