import { EventColumns, type EventTable, Numbered, SpanColumns, type SpanTable } from "../derive/event-columns.js";
import { follow } from "../derive/follow.js";
import { OpenCalls } from "../derive/open/calls.js";
import { CallsOnCpu } from "../derive/open/calls-on-cpu.js";
import { type OpenHandler, OpenHandlers } from "../derive/open/handlers.js";
import { syscallsOf } from "../derive/syscalls.js";
import { RunningTasks } from "../derive/tasks/running.js";
import { decodeLatin1 } from "../ground/latin1.js";
import type { Trace } from "../trace/trace.js";

/** More events are not drawn: the last are. */
const MOST_EVENTS = 1_000_000;

/** What lanes are drawn from. Times since `start`, in units of the clock. */
export interface LaneData {
  readonly start: string;
  readonly nanoseconds: boolean;
  readonly length: number;
  readonly cpus: readonly number[];
  /** Names by number. */
  readonly types: readonly string[];
  readonly tasks: readonly string[];
  readonly calls: readonly string[];
  readonly irqKinds: readonly string[];
  readonly events: EventTable;
  readonly ran: SpanTable;
  /** In which system call the CPU was: that of the task that it ran. */
  readonly inCall: SpanTable;
  readonly irqs: SpanTable;
  /** Events that are too many to be drawn. */
  readonly left: number;
}

export function laneData(trace: Trace): LaneData {
  const all = trace.entries();
  const skip = Math.max(0, all - MOST_EVENTS);
  const { names, coverage, origin } = trace;
  const relative = (time: bigint): number => Number(time - origin.value);
  const first = coverage.span === undefined ? 0 : relative(coverage.span.first);
  const last = coverage.span === undefined ? 0 : relative(coverage.span.last);
  const taskName = (pid: number, position: number): string => (pid === 0 ? IDLE : `${names.at(pid, position)}-${pid}`);
  const columns = new EventColumns(skip, Math.min(all, MOST_EVENTS), ({ pid, position }) => taskName(pid, position));
  const ran = new SpanColumns(MOST_EVENTS);
  const irqs = new SpanColumns(MOST_EVENTS);
  const inCall = new SpanColumns(MOST_EVENTS);
  const calls = new Numbered<string>();
  const irqKinds = new Numbered<string>();
  // A task that changes its name is called as it was at last.
  const nameOf = (pid: number, until: number) => columns.tasks.of(taskName(pid, until));
  const running = new RunningTasks((cpu, stretch, until) =>
    ran.ran(cpu, stretch, until, nameOf(stretch.pid, until.position)),
  );
  const handled = ({ what, event }: OpenHandler, until: number): void => {
    if (what.what !== "work") irqs.add(event.cpu, irqKinds.of(what.what), event.t, until);
  };
  const handlers = new OpenHandlers((handler, end) => handled(handler, end.t));
  const openCalls = new OpenCalls(syscallsOf(trace));
  const onCpu = new CallsOnCpu(running, openCalls, (cpu, { name, nr }, from, to) =>
    inCall.add(cpu, calls.of(name ?? `number ${nr}`), from, to),
  );
  follow(trace.events(), trace.kinds, [columns, onCpu, running, openCalls, handlers]);
  onCpu.finish(last);
  const cpus = coverage.cpus.map(({ cpu }) => cpu);
  for (const cpu of cpus) {
    const still = running.on(cpu);
    if (still === undefined) continue;
    ran.add(cpu, nameOf(still.pid, Number.MAX_SAFE_INTEGER), still.since.t, last);
    for (const open of handlers.of(still.pid, cpu)) handled(open, last);
  }
  const events = columns.finish();
  shift(events.time, first);
  const spans = { ran: ran.finish(), inCall: inCall.finish(), irqs: irqs.finish() };
  for (const table of Object.values(spans)) {
    shift(table.from, first);
    shift(table.to, first);
  }
  return {
    start: coverage.span?.first.toString() ?? "0",
    nanoseconds: trace.inNs,
    length: Math.max(1, last - first),
    cpus,
    types: columns.types.list().map((type) => decodeLatin1(trace.text.name(type) ?? `type ${type}`)),
    tasks: columns.tasks.list().map((name) => decodeLatin1(name)),
    calls: calls.list(),
    irqKinds: irqKinds.list(),
    events,
    ...spans,
    left: skip,
  };
}

const IDLE = "idle";

function shift(times: Float64Array, by: number): void {
  for (let i = 0; i < times.length; i++) times[i]! -= by;
}
