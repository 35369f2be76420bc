import type { DurationRow } from "../derive/durations.js";
import { type Latencies, latenciesOf } from "../derive/latency.js";
import type { PairSpec } from "../derive/pairs.js";
import { syscallsOf } from "../derive/syscalls.js";
import { Texts } from "../export/text/texts.js";
import type { Trace } from "../trace/trace.js";
import { imageReport } from "./common.js";
import { evidence, taskName } from "./last/evidence.js";
import { functionIn } from "./last/handler-name.js";

export type LatencyReport = ReturnType<typeof latency>;

/** The report of `latency`, as its JSON document (schemas/latency.json). */
export function latency(trace: Trace, pair: PairSpec | undefined) {
  const { common } = trace.coverage;
  const from = common === undefined ? 0 : Number(common.first - trace.origin.value);
  const found = latenciesOf(trace.events(), { kinds: trace.kinds, syscalls: syscallsOf(trace), from }, pair);
  return {
    schema: "rbtool/latency/1" as const,
    image: imageReport(trace.image),
    clock: { name: trace.image.scratch?.clockName ?? null, nanoseconds: trace.inNs },
    tables: tablesOf(trace, found),
    pairs:
      pair === undefined || found.pairs === undefined
        ? null
        : {
            begin: pair.begin,
            end: pair.end,
            key: [...pair.key],
            unended: found.pairs.tracker.unended.length,
            lacking: [...found.pairs.tracker.lacking],
          },
  };
}

/** Every table that has rows. */
function tablesOf(trace: Trace, found: Latencies) {
  const texts = new Texts(trace);
  const named = (row: DurationRow<string | number>) => String(row.key);
  // Timers and work items are known by their function, other handlers by what the event says.
  const body = ({ begin }: DurationRow<string | number>) => {
    const text = texts.body(begin);
    return functionIn(text) ?? text;
  };
  const task = ({ key }: DurationRow<number>) => nameOf(trace, key);
  const pairs = found.pairs?.rows.list();
  const tables = [
    ...(pairs === undefined ? [] : [table(trace, { name: "pairs", rows: pairs, nameOf: ({ key }) => key })]),
    table(trace, { name: "syscalls", rows: found.syscalls.list(), nameOf: named, open: found.openSyscalls }),
    ...[...found.handlers].map(([kind, rows]) => {
      const nameOf = kind === "vector" || kind === "ipi" ? named : body;
      return table(trace, { name: kind, rows: rows.list(), nameOf, open: found.openHandlers.get(kind) });
    }),
    ...[...found.stretches].map(([kind, rows]) =>
      table(trace, { name: kind, rows: rows.list(), nameOf: ({ key }) => `CPU ${key}` }),
    ),
    table(trace, { name: "wakeup-to-run", rows: found.wakeups.list(), nameOf: task }),
    table(trace, { name: "preempted", rows: found.preemptions.list(), nameOf: task }),
    table(trace, {
      name: "block-requests",
      rows: found.requests.list(),
      nameOf: ({ key }) => deviceName(Number(key)),
    }),
    table(trace, {
      name: "functions",
      rows: found.functions.list(),
      nameOf: ({ begin }) => texts.functionName(begin, "func") ?? "?",
      open: found.openFunctions,
    }),
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

/** How long one kind of thing took, by what it was. */
interface Measured<K> {
  readonly name: string;
  readonly rows: readonly DurationRow<K>[];
  nameOf(row: DurationRow<K>): string;
  /** What has not ended, by key. */
  readonly open?: ReadonlyMap<string | number, number> | undefined;
}

function table<K extends string | number>(trace: Trace, { name, rows, nameOf, open }: Measured<K>) {
  return {
    name,
    rows: merged(rows.map((row) => ({ ...row, name: nameOf(row), open: open?.get(row.key) ?? 0 }))).map((row) => ({
      name: row.name,
      count: row.count,
      average: String(Math.round(row.total / row.count)),
      max: String(Math.round(row.max)),
      total: String(Math.round(row.total)),
      open: row.open,
      worst: {
        task: taskName(trace, row.begin.pid, row.begin.position),
        from: evidence(row.begin),
        to: evidence(row.end),
      },
    })),
  };
}

type NamedRow = Omit<DurationRow<unknown>, "key"> & { readonly name: string; open: number };

/** Rows of one name are one: many timers have the same function. */
function merged(rows: readonly NamedRow[]): readonly NamedRow[] {
  const byName = new Map<string, NamedRow>();
  for (const row of rows) {
    const before = byName.get(row.name);
    if (before === undefined) byName.set(row.name, row);
    else {
      const worst = row.max > before.max ? row : before;
      const { max, begin, end } = worst;
      byName.set(row.name, {
        name: row.name,
        count: before.count + row.count,
        total: before.total + row.total,
        open: before.open + row.open,
        max,
        begin,
        end,
      });
    }
  }
  return [...byName.values()].sort((a, b) => b.total - a.total);
}

function nameOf(trace: Trace, pid: number): string {
  const { comm } = taskName(trace, pid);
  return comm === "<...>" ? `pid ${pid}` : `${comm}-${pid}`;
}

/** MAJOR() and MINOR() of a dev_t (include/linux/kdev_t.h), as the block events print it. */
function deviceName(dev: number): string {
  return `${dev >>> 20},${dev & 0xfffff}`;
}
