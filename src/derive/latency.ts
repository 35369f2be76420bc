import type { TraceEvent } from "../events/event.js";
import type { EventStream } from "../events/stream.js";
import { Durations } from "./durations.js";
import { type FlagKind, FlagStretches } from "./flag-stretches.js";
import { type FollowedTrace, follow } from "./follow.js";
import { Losses } from "./losses.js";
import { neverReturns, OpenCalls } from "./open/calls.js";
import { GraphStacks } from "./open/graph.js";
import { type HandlerKind, OpenHandlers } from "./open/handlers.js";
import { type PairSpec, Pairs } from "./pairs.js";
import { TaskStates } from "./tasks/states.js";

/** Tables of how long things took; the keys tell rows apart, their events what they are. */
export interface Latencies {
  /** By name, or by number where it has none. */
  readonly syscalls: Durations<string | number>;
  readonly openSyscalls: ReadonlyMap<string | number, number>;
  readonly handlers: ReadonlyMap<HandlerKind, Durations<string | number>>;
  readonly openHandlers: ReadonlyMap<HandlerKind, ReadonlyMap<string | number, number>>;
  /** By CPU. */
  readonly stretches: ReadonlyMap<FlagKind, Durations<number>>;
  /** By pid: from the waking to the run, and from being preempted. */
  readonly wakeups: Durations<number>;
  readonly preemptions: Durations<number>;
  /** By address, as far as 53 bits tell it. */
  readonly functions: Durations<number>;
  readonly openFunctions: ReadonlyMap<number, number>;
  /** Block requests by device. */
  readonly requests: Durations<string>;
  /** What was asked for, by key; undefined where nothing was. */
  readonly pairs: { readonly rows: Durations<string>; readonly tracker: Pairs } | undefined;
}

const REQUESTS: PairSpec = { begin: "block:block_rq_issue", end: "block:block_rq_complete", key: ["dev", "sector"] };

export function latenciesOf(events: EventStream, trace: FollowedTrace, pair?: PairSpec): Latencies {
  const { littleEndian } = trace.kinds;
  const syscalls = new Durations<string | number>();
  const handlers = new Map<HandlerKind, Durations<string | number>>();
  const stretches = new Map<FlagKind, Durations<number>>();
  const [wakeups, preemptions, functions] = [new Durations<number>(), new Durations<number>(), new Durations<number>()];
  const requests = new Durations<string>();
  const rows = new Durations<string>();
  const losses = new Losses(trace.from);
  // What began and ended on one CPU is measured where that CPU lost nothing; the rest where no CPU did.
  const known = (begin: TraceEvent, end: TraceEvent): boolean =>
    begin.cpu === end.cpu ? losses.knowsOn(begin.cpu, begin.t) : losses.knowsSince(begin.t);
  const calls = new OpenCalls(trace.syscalls, ({ name, nr, enter }, exit) => {
    if (known(enter, exit)) syscalls.add(name ?? nr, enter, exit);
  });
  const open = new OpenHandlers(({ what, key, event }, end) => {
    if (known(event, end)) tableOf(handlers, what.what).add(what.name ?? key, event, end);
  });
  const flags = new FlagStretches(({ kind, first, last }) => tableOf(stretches, kind).add(first.cpu, first, last));
  const tasks = new TaskStates(({ pid, preempted, since }, until) => {
    if (losses.knowsSince(since.t)) (preempted ? preemptions : wakeups).add(pid, since, until);
  });
  const graph = new GraphStacks(({ what, event }, exit) => {
    if (known(event, exit)) functions.add(what, event, exit);
  });
  const pairs =
    pair &&
    new Pairs(pair, littleEndian, (begin, end, key) => {
      if (known(begin, end)) rows.add(key, begin, end);
    });
  follow(events, trace.kinds, [
    losses,
    tasks,
    calls,
    open,
    flags,
    graph,
    new Pairs(REQUESTS, littleEndian, (begin, end, key) => {
      if (known(begin, end)) requests.add(key.split(",")[0]!, begin, end);
    }),
    ...(pairs === undefined ? [] : [pairs]),
  ]);
  flags.finish();
  return {
    syscalls,
    openSyscalls: counted(
      [...calls.all()].filter(([, call]) => !neverReturns(call)).map(([, { name, nr }]) => name ?? nr),
    ),
    handlers,
    openHandlers: openByKind(open),
    stretches,
    wakeups,
    preemptions,
    functions,
    openFunctions: counted([...graph.all()].map(([, { what }]) => what)),
    requests,
    pairs: pairs && { rows, tracker: pairs },
  };
}

function tableOf<K, R extends number | string>(tables: Map<K, Durations<R>>, kind: K): Durations<R> {
  let table = tables.get(kind);
  if (table === undefined) {
    table = new Durations<R>();
    tables.set(kind, table);
  }
  return table;
}

function openByKind(open: OpenHandlers): Map<HandlerKind, Map<string | number, number>> {
  const byKind = new Map<HandlerKind, (string | number)[]>();
  for (const [, { what, key }] of open.all()) {
    const keys = byKind.get(what.what) ?? [];
    keys.push(what.name ?? key);
    byKind.set(what.what, keys);
  }
  return new Map([...byKind].map(([kind, keys]) => [kind, counted(keys)]));
}

function counted<K>(keys: readonly K[]): Map<K, number> {
  const counts = new Map<K, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
