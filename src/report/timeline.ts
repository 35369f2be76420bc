import { follow } from "../derive/follow.js";
import { type Lane, Lanes, type LaneWindow } from "../derive/lanes.js";
import { OpenCalls } from "../derive/open/calls.js";
import { OpenHandlers } from "../derive/open/handlers.js";
import { syscallsOf } from "../derive/syscalls.js";
import { RunningTasks } from "../derive/tasks/running.js";
import { UsageError } from "../ground/errors.js";
import type { Trace } from "../trace/trace.js";
import { imageReport } from "./common.js";
import { taskName } from "./last/evidence.js";

export type TimelineReport = ReturnType<typeof timeline>;

/** Times since the origin; undefined: from the first event, to the last. */
export interface TimelineWindow {
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

/** The report of `timeline`, as its JSON document (schemas/timeline.json). */
export function timeline(trace: Trace, bins: number, { since, until }: TimelineWindow) {
  const { coverage, origin, time } = trace;
  const { span } = coverage;
  const relative = (time: bigint): number => Number(time - origin.value);
  const end = span ? relative(span.last) : (until ?? since ?? 0);
  // Nobody runs in what is behind the end of the trace.
  const window: LaneWindow = {
    from: since ?? (span ? relative(span.first) : 0),
    to: Math.min(until ?? end, end),
    bins,
  };
  if (span !== undefined && window.from > end)
    throw new UsageError(`nothing is left: the trace ends at ${time.exactText(span.last).trim()}`, "since");
  if (window.to < window.from) throw new UsageError("nothing is left: the window begins after it ends", "since");
  const running = new RunningTasks();
  const calls = new OpenCalls(syscallsOf(trace));
  const handlers = new OpenHandlers();
  const lanes = new Lanes(window, running, calls, handlers);
  follow(trace.events(), trace.kinds, [lanes, running, calls, handlers]);
  const all = lanes.finish();
  const exact = (t: number): string => (origin.value + BigInt(Math.round(t))).toString();
  const row = <K>(lane: Lane<K>, name: (key: K) => string | number) =>
    Array.from({ length: bins }, (_, bin) => {
      const most = lane.at(bin);
      return most === undefined ? null : { what: name(most.key), share: Math.round(most.share * 1000) / 1000 };
    });
  const binOf = (t: number): number => ((t - window.from) / Math.max(1, window.to - window.from)) * bins;
  return {
    schema: "rbtool/timeline/1" as const,
    image: imageReport(trace.image),
    clock: { name: trace.image.scratch?.clockName ?? null, nanoseconds: trace.inNs },
    from: span === undefined ? null : exact(window.from),
    to: span === undefined ? null : exact(window.to),
    bins,
    tasks: totals(all.map(({ task }) => task.totals())).map(([pid, time]) => ({
      ...taskName(trace, pid),
      time: String(Math.round(time)),
    })),
    syscalls: totals(all.map(({ syscall }) => syscall.totals())).map(([name, time]) => ({
      name: String(name),
      time: String(Math.round(time)),
    })),
    cpus: all.map(({ cpu, task, irq, syscall, lost, first, last }) => ({
      cpu,
      /** Before its ring's first event nothing is known; after its last, it was silent. */
      firstBin: Math.max(0, Math.floor(binOf(first))),
      lastBin: Math.floor(binOf(last)),
      task: row(task, (pid) => pid),
      irq: row(irq, (what) => what),
      syscall: row(syscall, String),
      lost: [...lost],
    })),
  };
}

/** Added up over the CPUs, most first. */
function totals<K>(each: readonly Map<K, number>[]): [K, number][] {
  const sum = new Map<K, number>();
  for (const map of each) for (const [key, time] of map) sum.set(key, (sum.get(key) ?? 0) + time);
  return [...sum].sort((a, b) => b[1] - a[1]);
}
