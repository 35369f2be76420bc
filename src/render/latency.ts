import { safeText } from "../ground/safe-text.js";
import { clockText, durationText } from "../ground/time-text.js";
import type { LatencyReport } from "../report/latency.js";
import type { Paper } from "./paper.js";
import { renderTable } from "./table.js";
import { heading, wrap } from "./wrap.js";

/** What each table is of. */
export const LATENCY_TABLES: Readonly<Record<string, string>> = {
  pairs: "from one event to the other, by key",
  syscalls: "system calls, from enter to exit",
  irq: "interrupt handlers",
  vector: "interrupts of the machine's own vectors",
  ipi: "interrupts from other CPUs",
  softirq: "soft interrupts",
  tasklet: "tasklets",
  timer: "timers' functions",
  hrtimer: "high-resolution timers' functions",
  work: "work items",
  "irqs-off": "stretches with interrupts off at every event",
  "preempt-off": "stretches with preemption off at every event",
  "need-resched": "stretches with need-resched at every event",
  "wakeup-to-run": "from the wakeup of a task to its run",
  preempted: "from a task's preemption to its next run",
  "block-requests": "from issue to completion, by device",
  functions: "functions of the function graph",
};

/** A name may take so much of a line. */
const NAME_WIDTH = 48;

/** The tables for a person. */
export function renderLatency(report: LatencyReport, top: number, paper: Paper): string {
  const { nanoseconds } = report.clock;
  const duration = (units: string): string => durationText(units, nanoseconds);
  let out = "";
  for (const { name, rows } of report.tables) {
    out += heading(name, LATENCY_TABLES[name] ?? "", paper);
    out += renderTable(
      [
        { title: "what" },
        { title: "count", align: "right", keep: 6 },
        { title: "average", align: "right", keep: 5 },
        { title: "max", align: "right" },
        { title: "total", align: "right", keep: 4 },
        { title: "open", align: "right", keep: 3 },
        { title: "worst case", keep: 8 },
        { title: "task", keep: 2 },
      ],
      rows
        .slice(0, top)
        .map((row) => [
          shortened(safeText(row.name.split("\n")[0]!)),
          String(row.count),
          duration(row.average),
          duration(row.max),
          duration(row.total),
          row.open === 0 ? "" : String(row.open),
          `${row.worst.from.cpu} ${clockText(row.worst.from.time, nanoseconds)} @0x${row.worst.from.offset.toString(16)}`,
          safeText(`${row.worst.task.comm}-${row.worst.task.pid}`),
        ]),
      paper,
    );
    if (rows.length > top) out += `${rows.length - top} more (--top ${rows.length})\n`;
  }
  const { pairs } = report;
  if (pairs !== null && pairs.unended > 0)
    out += `\n${wrap(`${pairs.unended} ${safeText(pairs.begin)} without an end`, paper)}\n`;
  if (out === "") return "nothing here both begins and ends\n";
  return out.replace(/^\n/, "");
}

function shortened(text: string): string {
  return text.length > NAME_WIDTH ? `${text.slice(0, NAME_WIDTH - 3)}...` : text;
}
