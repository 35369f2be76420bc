import { hex } from "../ground/hex.js";
import { plural } from "../ground/plural.js";
import { safeText } from "../ground/safe-text.js";
import type { MmapCpuReport, MmapLayoutReport } from "../report/mmap-layout.js";
import { cpuPart } from "./mapped-cpu.js";
import type { Paper } from "./paper.js";
import type { Style } from "./style.js";
import { type Column, renderTable } from "./table.js";
import { answerText, errnoText } from "./who-may-map.js";
import { heading, wrap } from "./wrap.js";

/** The report for people, piece by piece of the series. */
/** @param listed every sub-buffer on a line of its own, however many there are */
export function* renderMmapLayout(report: MmapLayoutReport, listed: boolean, paper: Paper): Generator<string> {
  yield `${wrap(summary(report, paper.style), paper)}\n`;
  yield setting(report, paper);
  yield whoMayMap(report, paper);
  for (const cpu of report.cpus) yield* cpuPart(report, cpu, { listed, paper });
  yield notMapped(report, paper);
}

type Answer = MmapCpuReport["answer"];

function summary(report: MmapLayoutReport, style: Style): string {
  const name = style.heading(safeText(report.image.name));
  const mapped = report.cpus.filter(({ meta }) => meta !== null);
  const kernel = `Linux ${report.kernel.release}`;
  if (mapped.length === 0) {
    const first = report.cpus[0];
    const reason = first?.fault ? `the kernel itself fails in ${first.fault.function}()` : errnoText(first?.answer);
    return `${name}: ${style.error("a program cannot map this buffer")} under ${kernel}: ${reason}`;
  }
  const [first] = mapped;
  const value = (field: string) => first!.meta!.find(({ name: candidate }) => candidate === field)!.value;
  const events = mapped.reduce((sum, cpu) => sum + countOf(cpu), 0);
  const which =
    mapped.length === report.cpus.length
      ? `each of ${mapped.length} CPUs`
      : `${mapped.length} of ${report.cpus.length} CPUs`;
  const start =
    mapped.length === 1 ? `at sub-buffer ${value("reader.id")}, as reader.id says` : "where each CPU's reader.id says";
  return (
    `${name}: under ${kernel} a program maps ${mapped.length === 1 ? `CPU ${first!.cpu}` : which}: the meta page, then ` +
    `${value("nr_subbufs")} sub-buffers in ${first!.ids!.rule === "persistent" ? "memory" : "ring"} order; ${plural(events, "event")} can be read, beginning ${start}`
  );
}

/** Events in what the kernel would read: the header's entries, less what is gone. */
function countOf(cpu: MmapCpuReport): number {
  const value = (field: string) => BigInt(cpu.meta!.find(({ name }) => name === field)!.value);
  return Number(value("entries") - value("overrun") - value("read"));
}

function setting(report: MmapLayoutReport, paper: Paper): string {
  const { kernel, memory } = report;
  const lines = [
    row(
      "kernel",
      `${kernel.release}${kernel.assumed ? paper.style.warning(" (assumed: ") + kernel.why + paper.style.warning("; --kernel sets it)") : ""}`,
    ),
    row("state", report.state === "as-is" ? "the area as it lies (--as-is)" : "after that kernel's boot and recovery"),
    row("memory", `${memory.kind}${memory.assumed ? ` (${memory.why}; --memory sets it)` : ""}`),
  ];
  if (report.notStored.length > 0)
    lines.push(row("not stored", `${report.notStored.join(", ")}: the area does not hold them; events are counted`));
  if (report.messages.length > 0) lines.push(row("it printed", report.messages.map(safeText).join(" | ")));
  return `\n${lines.map((line) => `${wrap(line, paper, " ".repeat(14))}\n`).join("")}`;
}

function row(title: string, text: string): string {
  return `  ${title.padEnd(11)} ${text}`;
}

function whoMayMap(report: MmapLayoutReport, paper: Paper): string {
  const { request, memory } = report;
  const asked = `mmap(prot ${protText(request.prot)}, MAP_${request.type.toUpperCase()}, page offset ${request.pgoff}${request.length === null ? "" : `, ${request.length} bytes`})`;
  const answers = new Map<string, { answer: Answer; cpus: number[] }>();
  for (const { cpu, answer } of report.cpus) {
    const key = JSON.stringify(answer);
    const entry = answers.get(key) ?? { answer, cpus: [] };
    entry.cpus.push(cpu);
    answers.set(key, entry);
  }
  const lines = [...answers.values()].map(({ answer, cpus }) => {
    const who = answers.size === 1 ? "" : `CPU ${cpus.join(", ")}: `;
    return wrap(`  ${who}${asked} of ${memory.kind} memory: ${answerText(answer, paper.style)}`, paper, "    ");
  });
  return `${heading("who may map", "tracing_buffers_mmap(), ring_buffer_map()", paper)}${lines.join("\n")}\n`;
}

function protText(prot: number): string {
  if (prot === 0) return "PROT_NONE";
  return ["PROT_READ", "PROT_WRITE", "PROT_EXEC"].filter((_, bit) => prot & (1 << bit)).join("|");
}

function notMapped(report: MmapLayoutReport, paper: Paper): string {
  const chosen = new Set(report.cpus.map(({ cpu }) => cpu));
  const rows = report.regions
    .filter(({ mappedByCpu }) => mappedByCpu === null || (chosen.size === 1 && !chosen.has(mappedByCpu)))
    .map(({ what, cpu, offset, length, physical }) => [
      what === "sub-buffers" ? `CPU ${cpu}'s sub-buffers` : cpu === null ? what : `${what} of CPU ${cpu}`,
      hex(offset),
      `${length}`,
      ...(report.physicalStart === null ? [] : [physical ?? ""]),
      paper.style.faint(WHY[what]),
    ]);
  const columns: Column[] = [
    { title: "piece", keep: 9 },
    { title: "image offset", keep: 8 },
    { title: "bytes", align: "right", keep: 7 },
    ...(report.physicalStart === null ? [] : [{ title: "physical", keep: 3 }]),
    { title: "", keep: 1 },
  ];
  return `${heading("never mapped here", "the persistent meta pages belong to the kernel", paper)}${renderTable(columns, rows.slice(0, MAX_REGIONS), paper)}${rows.length > MAX_REGIONS ? paper.style.faint(`and ${rows.length - MAX_REGIONS} more (--json lists all)\n`) : ""}`;
}

/** Pieces shown before the rest is counted: a machine has up to thousands of CPUs. */
const MAX_REGIONS = 24;

const WHY: Readonly<Record<MmapLayoutReport["regions"][number]["what"], string>> = {
  "boot meta": "struct ring_buffer_meta: for the next boot only",
  scratch: "struct trace_scratch: clock, _text, modules",
  "cpu meta": "struct ring_buffer_cpu_meta and buffers[]: the order by kernel id",
  alignment: "padding up to a sub-buffer",
  "sub-buffers": "mapped through its own trace_pipe_raw",
  "left over": "behind the last sub-buffer",
};
