import { safeText } from "../ground/safe-text.js";
import { clockText, durationText } from "../ground/time-text.js";
import type { TimelineReport } from "../report/timeline.js";
import type { Paper } from "./paper.js";
import type { Style } from "./style.js";
import { glued, wrap } from "./wrap.js";

/** Rows that there are, by what they show. */
export const TIMELINE_ROWS = ["task", "irq", "syscall"] as const;
export type TimelineRow = (typeof TIMELINE_ROWS)[number];

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
/** Tasks and calls that have no letter of their own. */
const OTHER = "+";
const SILENT_IDLE = "_";
/** Names in a legend. */
const NAMED = 12;

/** How many columns a line has before its lane. */
export function laneMargin(cpus: number): number {
  return `CPU ${Math.max(0, cpus - 1)} syscall `.length;
}

/** The lanes for a person, as wide as the report has bins. */
export function renderTimeline(report: TimelineReport, rows: readonly TimelineRow[], paper: Paper): string {
  const { style } = paper;
  if (report.from === null || report.to === null) return "no events\n";
  const { nanoseconds } = report.clock;
  const marks = paper.unicode ? UTF8 : ASCII;
  const tasks = lettersOf(report.tasks.filter(({ pid }) => pid !== 0).map(({ pid }) => pid));
  const calls = lettersOf(report.syscalls.map(({ name }) => name));
  const margin = laneMargin(report.cpus.length === 0 ? 1 : 1 + Math.max(...report.cpus.map(({ cpu }) => cpu)));
  const length = String(BigInt(report.to) - BigInt(report.from));
  const lines = [
    wrap(
      `${style.heading(`${clockText(report.from, nanoseconds)} to ${clockText(report.to, nanoseconds)}`)}, ${durationText(length, nanoseconds)}, ${durationText(String(Math.round(Number(length) / report.bins)), nanoseconds)} a column`,
      paper,
      "  ",
    ),
  ];
  for (const cpu of report.cpus)
    for (const row of rows) {
      const name = row === rows[0] ? `CPU ${cpu.cpu}` : "";
      lines.push(`${`${name} ${row}`.padStart(margin - 1)} ${lane(cpu, row, { tasks, calls, marks, style })}`);
    }
  const names = report.tasks
    .filter(({ pid }) => tasks.has(pid))
    .slice(0, NAMED)
    .map(({ pid, comm, time }) => {
      const name = comm === "<...>" ? `pid ${pid}` : safeText(`${comm}-${pid}`);
      return glued(`${tasks.get(pid)!} ${name} (${durationText(time, nanoseconds)})`);
    });
  lines.push(wrap(`tasks: ${names.length === 0 ? "none" : names.join(", ")}`, paper, "  "));
  if (rows.includes("syscall") && calls.size > 0) {
    const named = report.syscalls.slice(0, NAMED).map(({ name, time }) => {
      return glued(`${calls.get(name)!} ${safeText(name)} (${durationText(time, nanoseconds)})`);
    });
    lines.push(wrap(`system calls: ${named.join(", ")}`, paper, "  "));
  }
  lines.push(
    wrap(
      style.faint(
        `${marks.idle} idle, ${OTHER} others, ${marks.lost} events lost, capital or ${SILENT_IDLE}: no more events on the CPU, blank: its ring has not begun` +
          (rows.includes("irq") ? `; irq: ${marks.shares.join("")} share of interrupts and soft interrupts` : ""),
      ),
      paper,
      "  ",
    ),
  );
  return `${lines.join("\n")}\n`;
}

interface Marks {
  readonly idle: string;
  readonly lost: string;
  readonly shares: readonly string[];
}

/** Where no more than ASCII can be shown, as for `explain`. */
const ASCII: Marks = { idle: ".", lost: "!", shares: [".", ":", "=", "#"] };
const UTF8: Marks = { idle: "·", lost: "✗", shares: ["░", "▒", "▓", "█"] };

interface Legend {
  readonly tasks: ReadonlyMap<string | number, string>;
  readonly calls: ReadonlyMap<string | number, string>;
  readonly marks: Marks;
  readonly style: Style;
}

function lane(cpu: TimelineReport["cpus"][number], row: TimelineRow, { tasks, calls, marks, style }: Legend): string {
  const lost = new Set(cpu.lost);
  return cpu[row]
    .map((most, bin) => {
      if (bin < cpu.firstBin) return " ";
      if (lost.has(bin) && row === "task") return style.error(marks.lost);
      if (row === "irq") return most === null ? " " : marks.shares[Math.min(3, Math.floor(most.share * 4))]!;
      if (most === null) return " ";
      if (most.what === 0) return bin > cpu.lastBin ? style.faint(SILENT_IDLE) : marks.idle;
      const letter = (row === "task" ? tasks : calls).get(most.what) ?? OTHER;
      const shown = bin > cpu.lastBin ? letter.toUpperCase() : letter;
      return bin > cpu.lastBin ? style.faint(shown) : shown;
    })
    .join("")
    .trimEnd();
}

function lettersOf<K>(keys: readonly K[]): Map<K, string> {
  return new Map(keys.slice(0, LETTERS.length).map((key, i) => [key, LETTERS[i]!]));
}
