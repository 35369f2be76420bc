import { machineName } from "../../derive/machine-name.js";
import { formatEventTs } from "../../kernel/stats.js";
import type { Trace } from "../../trace/trace.js";
import type { CpuData } from "./page-data.js";
import type { Survey } from "./survey.js";

/** What the options of the file say. */
export interface AboutTrace {
  readonly clock: string;
  readonly uname: string | undefined;
  readonly cpuStats: readonly string[];
  /** saved_cmdlines. */
  readonly names: string;
  /** Tasks that had other names before. */
  readonly renamed: number;
}

export function aboutTrace(trace: Trace, cpus: readonly CpuData[], survey: Survey): AboutTrace {
  let names = "";
  let renamed = 0;
  for (const task of survey.names.tasks()) {
    names += `${task.pid} ${task.name.replace(/\n/g, "?")}\n`;
    if (task.renamed) renamed++;
  }
  return {
    clock: clockOf(trace),
    uname: unameOf(trace),
    cpuStats: cpus.map((cpu) => statsOf(trace, cpu)),
    names,
    renamed,
  };
}

/** As trace_clock calls it. Of an architecture's own, only that it counts no time is known: "counter" says that too. */
export function clockOf({ image, inNs }: Trace): string {
  const { clockId, clockName } = image.scratch ?? {};
  if (clockId === undefined) return "local";
  return clockName !== undefined && /^\w+$/.test(clockName) ? clockName : inNs ? "local" : "counter";
}

/** System, node, release and machine, as far as they are known. */
function unameOf(trace: Trace): string | undefined {
  const { release } = trace;
  if (release === undefined) return undefined;
  return `Linux (none) ${release} ${machineName(trace.writer.kallsyms, trace.image.scratch?.textAddress) ?? "unknown"}`;
}

/** Of the kernel's per_cpu/cpuN/stats what the image tells. */
function statsOf({ coverage, inNs }: Trace, { cpu, pages }: CpuData): string {
  const covered = coverage.cpus.find((each) => each.cpu === cpu);
  const time = (value: bigint) => formatEventTs(value, inNs);
  return [
    `CPU: ${cpu}\n`,
    `sub-buffers: ${pages}\n`,
    ...(covered?.from === undefined ? [] : [`oldest event ts: ${time(covered.from)}\n`]),
    ...(covered?.to === undefined ? [] : [`now ts: ${time(covered.to)}\n`]),
  ].join("");
}
