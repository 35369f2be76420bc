import { fitText } from "../derive/fit-report.js";
import { plural } from "../ground/plural.js";
import { safeText } from "../ground/safe-text.js";
import { clockText, durationText } from "../ground/time-text.js";
import type { StatsReport } from "../report/stats.js";
import type { Paper } from "./paper.js";
import { renderTable } from "./table.js";
import { spanText } from "./units.js";
import { onPaper } from "./wrap.js";

const BARS = "▁▂▃▄▅▆▇█";
const ASCII_BARS = ".:-=+*#@";

/** The statistics for a person. */
export function renderStats(report: StatsReport, top: number, paper: Paper): string {
  const { total, time } = report;
  if (total === 0 || time === null) return "no events\n";
  const parts = [
    headline(report, time, paper),
    fitLine(report, paper),
    histogramText(report, paper),
    eventsTable(report, top, paper),
    tasksTable(report, top, paper),
    cpusTable(report, paper),
    coveredLine(report, paper),
    silencesTable(report, paper),
  ];
  return parts
    .filter((part) => part !== "")
    .map((part) => (part.endsWith("\n") ? part : `${part}\n`))
    .join("\n");
}

function headline(report: StatsReport, time: NonNullable<StatsReport["time"]>, paper: Paper): string {
  const events = paper.style.heading(plural(report.total, "event"));
  const rate = report.rate === null ? "" : `, ${rateText(report.rate)} events per second`;
  const span = spanText(time.first, time.last, (value) => clock(value, report));
  const took = time.first === time.last ? "" : `, ${length(time.duration, report)}`;
  return onPaper(`${events} ${span}${took}${rate}`, paper, "  ");
}

function fitLine({ fit }: StatsReport, paper: Paper): string {
  return fit === null || fit.fitting === fit.records ? "" : onPaper(fitText(fit), paper, "  ");
}

function eventsTable({ events, total }: StatsReport, top: number, paper: Paper): string {
  const table = renderTable(
    [{ title: "event" }, { title: "count", align: "right" }, { title: "share", align: "right" }],
    events.slice(0, top).map(({ event, count }) => [safeText(event), String(count), shareText(count, total)]),
    paper,
  );
  return table + moreText(events.length, top, "kinds of event");
}

function tasksTable({ tasks, total }: StatsReport, top: number, paper: Paper): string {
  const table = renderTable(
    [
      { title: "task" },
      { title: "pid", align: "right" },
      { title: "count", align: "right" },
      { title: "share", align: "right" },
    ],
    tasks
      .slice(0, top)
      .map(({ comm, pid, count }) => [safeText(comm), String(pid), String(count), shareText(count, total)]),
    paper,
  );
  return table + moreText(tasks.length, top, "tasks");
}

function cpusTable(report: StatsReport, paper: Paper): string {
  return renderTable(
    [
      { title: "CPU", align: "right" },
      { title: "count", align: "right" },
      { title: "first", align: "right", keep: 4 },
      { title: "last", align: "right", keep: 5 },
      { title: "covered from", align: "right", keep: 2 },
      { title: "longest silence", align: "right", keep: 6 },
      { title: "losses", align: "right", keep: 3 },
      { title: "lost", align: "right", keep: 7 },
      { title: "time back", align: "right", keep: 1 },
    ],
    report.cpus.map((cpu) => [
      String(cpu.cpu),
      String(cpu.count),
      clock(cpu.first, report),
      clock(cpu.last, report),
      coveredFrom(cpu.cpu, report),
      cpu.silence === null ? "" : length(cpu.silence.length, report),
      String(cpu.lost.places),
      cpu.lost.events !== "0" ? cpu.lost.events : cpu.lost.places > 0 ? "?" : "0",
      String(cpu.backwards),
    ]),
    paper,
  );
}

/** Since when the trace has what happened on every CPU. */
function coveredLine(report: StatsReport, paper: Paper): string {
  const { common, cpus } = report.coverage;
  if (common === null || cpus.length < 2) return "";
  const lossy = report.cpus.some(({ lost }) => lost.places > 0);
  const covered = `All CPUs that have events are covered from ${clock(common.from, report)} to ${clock(common.to, report)}`;
  const unknown = `before a CPU's oldest event${lossy ? " and where it lost events" : ""} nothing is known of it.`;
  return onPaper(`${covered}${lossy ? ", but for their losses" : ""}: ${unknown}`, paper);
}

function silencesTable(report: StatsReport, paper: Paper): string {
  if (report.gaps.length === 0) return "";
  return renderTable(
    [
      { title: "silence of all", align: "right" },
      { title: "from", align: "right" },
      { title: "to", align: "right" },
    ],
    report.gaps.map((gap) => [length(gap.length, report), clock(gap.from, report), clock(gap.to, report)]),
    paper,
  );
}

function shareText(count: number, total: number): string {
  return `${((100 * count) / total).toFixed(1)}%`;
}

function coveredFrom(cpu: number, report: StatsReport): string {
  const from = report.coverage.cpus.find((covered) => covered.cpu === cpu)?.from;
  return from === null || from === undefined ? "?" : clock(from, report);
}

function moreText(rows: number, top: number, what: string): string {
  return rows > top ? `${rows - top} more ${what} (--top ${rows})\n` : "";
}

/** Events over time, a character a bucket. */
function histogramText({ histogram, time, clock: { nanoseconds } }: StatsReport, paper: Paper): string {
  const most = Math.max(...histogram.counts, 1);
  const bars = paper.unicode ? BARS : ASCII_BARS;
  const line = histogram.counts
    .map((count) => (count === 0 ? " " : bars[Math.min(bars.length - 1, Math.floor((count * bars.length) / most))]))
    .join("");
  const each = durationText(histogram.width, nanoseconds);
  if (time === null) return "";
  const scale = `${each} each, at most ${plural(most, "event")}`;
  const fits = paper.columns === undefined || line.length + 3 + scale.length <= paper.columns;
  return `${paper.style.data(`|${line}|`)}${fits ? " " : "\n"}${scale}`;
}

function clock(time: string, { clock: { nanoseconds } }: StatsReport): string {
  return clockText(time, nanoseconds);
}

function length(units: string, { clock: { nanoseconds } }: StatsReport): string {
  return durationText(units, nanoseconds);
}

function rateText(rate: number): string {
  return rate >= 100 ? Math.round(rate).toString() : rate.toPrecision(3);
}
