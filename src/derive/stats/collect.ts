import type { TaskNames } from "../../events/names.js";
import type { EventStream } from "../../events/stream.js";
import { Histogram } from "./histogram.js";

/** A stretch of time without an event. Times since the origin. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

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
}

export interface TraceStats {
  count: number;
  first: number;
  last: number;
  readonly byType: Map<number, number>;
  /** By pid. */
  readonly byTask: Map<number, { count: number; comm: string }>;
  readonly byCpu: Map<number, CpuCount>;
  /** The longest, longest first. */
  readonly gaps: Gap[];
  readonly histogram: Histogram;
}

const GAPS = 5;
/** Tasks counted one by one; a hostile image has a pid for every event. */
const MAX_TASKS = 100_000;

/** Counts all that a trace holds, in one walk and bounded memory. */
export function collectStats(events: EventStream, names: TaskNames): TraceStats {
  const stats: TraceStats = {
    count: 0,
    first: Number.NaN,
    last: Number.NaN,
    byType: new Map(),
    byTask: new Map(),
    byCpu: new Map(),
    gaps: [],
    histogram: new Histogram(),
  };
  for (let event = events.next(); event !== undefined; event = events.next()) {
    const { t, cpu, pid, type } = event;
    if (stats.count > 0 && t > stats.last) addGap(stats.gaps, { from: stats.last, to: t });
    if (stats.count++ === 0) stats.first = t;
    stats.last = stats.count === 1 ? t : Math.max(stats.last, t);
    stats.histogram.add(t);
    stats.byType.set(type, (stats.byType.get(type) ?? 0) + 1);
    const task = stats.byTask.get(pid);
    if (task !== undefined) task.count++;
    else if (stats.byTask.size < MAX_TASKS) stats.byTask.set(pid, { count: 1, comm: "" });
    let row = stats.byCpu.get(cpu);
    if (row === undefined) {
      row = { cpu, count: 0, first: t, last: t, lostPlaces: 0, lostEvents: 0, backwards: 0 };
      stats.byCpu.set(cpu, row);
    }
    row.count++;
    if (t < row.last) row.backwards++;
    row.last = t;
    if (event.lost !== 0) {
      row.lostPlaces++;
      if (event.lost > 0) row.lostEvents += event.lost;
    }
    if (task === undefined || task.comm === "" || task.comm === "<...>") {
      const entry = stats.byTask.get(pid);
      if (entry !== undefined) entry.comm = names.at(pid, event.position);
    }
  }
  return stats;
}

function addGap(gaps: Gap[], gap: Gap): void {
  const length = gap.to - gap.from;
  const last = gaps[GAPS - 1];
  if (last !== undefined && last.to - last.from >= length) return;
  const place = gaps.findIndex((other) => other.to - other.from < length);
  gaps.splice(place < 0 ? gaps.length : place, 0, gap);
  if (gaps.length > GAPS) gaps.pop();
}
