import type { Abi } from "../ground/abi.js";
import { encodeLatin1 } from "../ground/latin1.js";
import { isRealtime } from "../ground/release.js";
import type { TraceFileBehaviour } from "../kernel/versions/printing.js";
import type { TraceOptions } from "./trace-options.js";

/**
 * The head of the `trace` file (s_show(), trace_default_header(), print_func_help_header_irq() and
 * print_func_help_header(), kernel/trace/trace.c). But for the preemption model, the text is the same from 6.12 to 7.3.
 */

/** What the head says. */
export interface TraceHead {
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
  /** Whether the machine is an x86, as far as is known. */
  readonly isX86?: boolean;
  /** The machine's word. */
  readonly longSize?: Abi["longSize"];
  /** What else the lines hold (marksLegend()). */
  readonly marks?: string;
  /** For a window that the kernel's drawing of the columns does not fit: they are named. */
  readonly narrow?: boolean;
}

/** The marks of lines that torn memory left; no kernel has them. */
export interface LineMarks {
  /** There are times that are estimates. */
  readonly estimates: boolean;
  /** There are records that may hold foreign bytes. */
  readonly doubts: boolean;
  /** There are events whose number may be another event's. */
  readonly order: boolean;
}

/** What the head of every `trace` file begins with (s_show()). */
const TRACER = "# tracer: nop\n#\n";

/** The head of the file by its options (trace_default_header()), as the kernel of a release prints it. */
export function optionsHeader(
  head: TraceHead,
  release: string,
  options: Pick<TraceOptions, "contextInfo" | "latencyFormat" | "verbose">,
  rules: Pick<TraceFileBehaviour, "preemptModelText">,
): string {
  if (!options.contextInfo) return TRACER;
  if (options.latencyFormat) {
    // A buffer that holds nothing has no head of its own.
    if (head.entries === 0) return TRACER;
    return latencyHeader(head, release, rules) + (options.verbose ? "" : LATENCY_LEGEND);
  }
  return options.verbose ? TRACER : traceHeader(head);
}

/**
 * The preemption model is a matter of the reading kernel's configuration and command line: what a kernel of that name
 * usually has. There was no lazy preemption before 6.13; distributions had CONFIG_PREEMPT_VOLUNTARY then. Since then
 * those of x86 have CONFIG_PREEMPT_DYNAMIC, too, and tell the model that is in use in parentheses; those of arm64, riscv64 and
 * s390x that were seen have not. arm has no lazy preemption (ARCH_HAS_PREEMPT_LAZY), and CONFIG_PREEMPT_VOLUNTARY still.
 */
function preemptModel(
  { isX86, longSize }: TraceHead,
  release: string,
  rules: Pick<TraceFileBehaviour, "preemptModelText">,
): string {
  const realtime = isRealtime(release);
  if (!rules.preemptModelText) return realtime ? "preempt_rt" : "desktop";
  if (isX86) return realtime ? "PREEMPT_{RT,(full)}" : "PREEMPT(lazy)";
  if (longSize === 4) return realtime ? "PREEMPT_RT" : "VOLUNTARY";
  return realtime ? "PREEMPT_{RT,LAZY}" : "PREEMPTLAZY";
}

/** What the latency format says of the trace (print_trace_header()). */
function latencyHeader(head: TraceHead, release: string, rules: Pick<TraceFileBehaviour, "preemptModelText">): string {
  const { entries, onlineCpus } = head;
  const lines = [
    `# nop latency trace v1.1.5 on ${encodeLatin1(release)}`,
    `# ${"-".repeat(68)}`,
    `# latency: 0 us, #${entries}/${entries}, CPU#0 | (M:${preemptModel(head, release, rules)} VP:0, KP:0, SP:0 HP:0 #P:${onlineCpus})`,
    "#    -----------------",
    "#    | task: -0 (uid:0 nice:0 policy:0 rt_prio:0)",
    "#    -----------------",
    "#",
  ];
  return `${TRACER}${lines.join("\n")}\n`;
}

export function traceHeader(head: TraceHead): string {
  const drawn = head.irqInfo ? irqLegend(head.tgid === true) : plainLegend(head.tgid === true);
  const legend = head.narrow ? NAMED : drawn;
  const entries = `# entries-in-buffer/entries-written: ${head.entries}/${head.written}   #P:${head.onlineCpus}\n#\n`;
  return `${TRACER}${entries}${head.marks ?? ""}${legend.join("\n")}\n`;
}

/** The widest line of the drawing. */
export const LEGEND_WIDTH = 63;
const NAMED = ["# TASK-PID [CPU#] flags TIMESTAMP: FUNCTION", "# flags: see `rbtool explain d..2.`"];

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
