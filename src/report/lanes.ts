import { EventColumns, type EventTable, Numbered, SpanColumns, type SpanTable } from "../derive/event-columns.js";
import { follow } from "../derive/follow.js";
import { OpenHandlers } from "../derive/open/handlers.js";
import { RunningTasks } from "../derive/tasks/running.js";
import { decodeLatin1 } from "../ground/latin1.js";
import type { Trace } from "../trace.js";

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
  readonly irqKinds: readonly string[];
  readonly events: EventTable;
  readonly ran: SpanTable;
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
  const kinds = new Numbered<string>();
  // A task that changes its name is called as it was at last.
  const nameOf = (pid: number, until: number) => columns.tasks.of(taskName(pid, until));
  const running = new RunningTasks((cpu, stretch, until) =>
    ran.ran(cpu, stretch, until, nameOf(stretch.pid, until.position)),
  );
  const handlers = new OpenHandlers((handler, end) => {
    if (handler.what.what !== "work") irqs.handled(handler, end, kinds.of(handler.what.what));
  });
  follow(trace.events(), trace.kinds, [columns, running, handlers]);
  const cpus = coverage.cpus.map(({ cpu }) => cpu);
  for (const cpu of cpus) {
    const still = running.on(cpu);
    if (still !== undefined) ran.add(cpu, nameOf(still.pid, Number.MAX_SAFE_INTEGER), still.since.t, last);
  }
  const events = columns.finish();
  shift(events.time, first);
  const [ranTable, irqTable] = [ran.finish(), irqs.finish()];
  for (const table of [ranTable, irqTable]) {
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
    irqKinds: kinds.list(),
    events,
    ran: ranTable,
    irqs: irqTable,
    left: skip,
  };
}

const IDLE = "idle";

function shift(times: Float64Array, by: number): void {
  for (let i = 0; i < times.length; i++) times[i]! -= by;
}
