import { fitReport } from "../derive/fit-report.js";
import { Counts, type StatsWindow } from "../derive/stats/counts.js";
import type { Gap } from "../derive/stats/silences.js";
import { joined } from "../derive/unknown.js";
import { UNKNOWN } from "../events/lessons.js";
import { decodeLatin1 } from "../ground/latin1.js";
import type { TimeSpan } from "../ring/time-span.js";
import type { Trace } from "../trace/trace.js";
import { imageReport } from "./common.js";

export type StatsReport = ReturnType<typeof stats>;

/** What of the trace's time counts, and how. */
export function statsWindow(view: Trace): StatsWindow {
  const { origin, coverage, window } = view;
  const { until = Number.POSITIVE_INFINITY } = window;
  const since = (time: bigint): number => Number(time - origin.value);
  const unknown = view.unknown();
  const gapsOf = (spans: readonly TimeSpan[]): Gap[] =>
    spans.map(({ first, last }) => ({ from: since(first), to: since(last) }));
  return {
    from: coverage.span ? since(coverage.span.first) : Number.NEGATIVE_INFINITY,
    to: coverage.span ? Math.min(since(coverage.span.last), until) : until,
    coveredFrom: coverage.common ? since(coverage.common.first) : Number.NEGATIVE_INFINITY,
    unknown: {
      byCpu: new Map([...unknown].map(([cpu, spans]) => [cpu, gapsOf(spans)])),
      any: gapsOf(joined([...unknown.values()].flat())),
    },
  };
}

/** Counts a trace in one walk. */
export function counted(view: Trace): Counts {
  return new Counts(statsWindow(view)).addAll(view.events()).end();
}

/** The report of `stats`, as its JSON document (schemas/stats.json). */
export function stats(view: Trace, counts = counted(view)) {
  const { image, origin, coverage } = view;
  const { count, histogram } = counts;
  const exact = (t: number): string => (origin.value + BigInt(Math.round(t))).toString();
  const gap = ({ from, to }: Gap) => ({ from: exact(from), to: exact(to), length: String(to - from) });
  const duration = count > 0 ? counts.last - counts.first : 0;
  const byCount = <T extends { readonly count: number }>(rows: T[]): T[] => rows.sort((a, b) => b.count - a.count);
  return {
    schema: "rbtool/stats/2" as const,
    image: imageReport(image),
    clock: { name: image.scratch?.clockName ?? null, nanoseconds: view.inNs },
    fit: view.writer.formats.size > 0 ? fitReport(view.fit(), view.writer.formats) : null,
    total: count,
    time: count === 0 ? null : { first: exact(counts.first), last: exact(counts.last), duration: String(duration) },
    /** Events a second; null where the clock counts no time. */
    rate: view.inNs && duration > 0 ? (count * 1e9) / duration : null,
    events: byCount(
      [...counts.byType].map(([type, n]) => ({
        event: decodeLatin1(view.text.name(type) ?? `type ${type}`),
        type,
        count: n,
      })),
    ),
    tasks: byCount(
      [...counts.byTask].map(([pid, { count: n, firstAt, lastAt }]) => {
        // As saved_cmdlines: what it was called in the end. Before it called exec() it had its parent's name.
        const comm = view.names.at(pid, lastAt);
        return { pid, comm: decodeLatin1(comm === UNKNOWN ? view.names.at(pid, firstAt) : comm), count: n };
      }),
    ),
    cpus: [...counts.cpus]
      .sort((a, b) => a.cpu - b.cpu)
      .map((cpu) => ({
        cpu: cpu.cpu,
        count: cpu.count,
        first: exact(cpu.first),
        last: exact(cpu.last),
        silence: cpu.silences.map(gap)[0] ?? null,
        lost: { places: cpu.lostPlaces, events: String(cpu.lostEvents) },
        backwards: cpu.backwards,
      })),
    coverage: {
      common: coverage.common ? { from: coverage.common.first.toString(), to: coverage.common.last.toString() } : null,
      cpus: coverage.cpus.map(({ cpu, from, to }) => ({
        cpu,
        from: from?.toString() ?? null,
        to: to?.toString() ?? null,
      })),
    },
    gaps: counts.gaps.map(gap),
    histogram: {
      from: count === 0 ? null : exact(histogram.from),
      width: String(histogram.width),
      counts: histogram.used(),
    },
  };
}
