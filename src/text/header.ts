/**
 * The head of the `trace` file (s_show(), trace_default_header(), print_func_help_header_irq() and
 * print_func_help_header(), kernel/trace/trace.c). The text is the same from 6.12 to 7.3.
 */

export interface HeaderFacts {
  /** Events that can be read. */
  readonly entries: number;
  /** The same and the overwritten ones. */
  readonly written: number;
  /** CPUs online in the kernel that prints. */
  readonly onlineCpus: number;
  /** The irq-info option: the five flag columns. On by default. */
  readonly irqInfo: boolean;
  /** The record-tgid option. */
  readonly tgid?: boolean;
}

export function traceHeader(facts: HeaderFacts): string {
  const lines = [
    "# tracer: nop",
    "#",
    `# entries-in-buffer/entries-written: ${facts.entries}/${facts.written}   #P:${facts.onlineCpus}`,
    "#",
    ...(facts.irqInfo ? irqLegend(facts.tgid === true) : plainLegend(facts.tgid === true)),
  ];
  return `${lines.join("\n")}\n`;
}

function irqLegend(tgid: boolean): string[] {
  const gap = " ".repeat(tgid ? 12 : 2);
  return [
    `#                            ${gap}  _-----=> irqs-off/BH-disabled`,
    `#                            ${gap} / _----=> need-resched`,
    `#                            ${gap}| / _---=> hardirq/softirq`,
    `#                            ${gap}|| / _--=> preempt-depth`,
    `#                            ${gap}||| / _-=> migrate-disable`,
    `#                            ${gap}|||| /     delay`,
    `#           TASK-PID  ${tgid ? "     TGID   " : "  "} CPU#  |||||  TIMESTAMP  FUNCTION`,
    `#              | |    ${tgid ? "       |    " : "  "}   |   |||||     |         |`,
  ];
}

function plainLegend(tgid: boolean): string[] {
  return [
    `#           TASK-PID    ${tgid ? "   TGID   " : ""} CPU#     TIMESTAMP  FUNCTION`,
    `#              | |      ${tgid ? "     |    " : ""}   |         |         |`,
  ];
}

/** The legend of the latency format (print_lat_help_header(), kernel/trace/trace.c). */
export const LATENCY_LEGEND = `${[
  "#                    _------=> CPU#            ",
  "#                   / _-----=> irqs-off/BH-disabled",
  "#                  | / _----=> need-resched    ",
  "#                  || / _---=> hardirq/softirq ",
  "#                  ||| / _--=> preempt-depth   ",
  "#                  |||| / _-=> migrate-disable ",
  "#                  ||||| /     delay           ",
  "#  cmd     pid     |||||| time  |   caller     ",
  "#     \\   /        ||||||  \\    |    /       ",
].join("\n")}\n`;
