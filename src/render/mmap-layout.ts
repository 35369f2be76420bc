import type { MmapCpuReport, MmapLayoutReport, WhoReport } from "../commands/mmap-layout.js";
import type { Io } from "../io.js";
import { renderFitting, type WideColumn, wrap } from "./columns.js";
import { printable } from "./printable.js";
import type { Style } from "./style.js";
import { renderTable } from "./table.js";
import { hex, time } from "./units.js";

/** The report for people, piece by piece of the series. */
export function* renderMmapLayout(report: MmapLayoutReport, io: Io, style: Style): Generator<string> {
  yield `${wrap(summary(report, style), io)}\n`;
  yield setting(report, io, style);
  yield whoMayMap(report, io, style);
  for (const cpu of report.cpus) yield* cpuPart(report, cpu, io, style);
  yield notMapped(report, io, style);
}

type Answer = MmapCpuReport["answer"];

function summary(report: MmapLayoutReport, style: Style): string {
  const name = style.heading(printable(report.image.name));
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
    `${value("nr_subbufs")} sub-buffers in ${first!.ids!.rule === "persistent" ? "memory" : "ring"} order; ${events} events can be read, beginning ${start}`
  );
}

/** Events in what the kernel would read: the header's entries, less what is gone. */
function countOf(cpu: MmapCpuReport): number {
  const value = (field: string) => BigInt(cpu.meta!.find(({ name }) => name === field)!.value);
  return Number(value("entries") - value("overrun") - value("read"));
}

function setting(report: MmapLayoutReport, io: Io, style: Style): string {
  const { kernel, memory } = report;
  const lines = [
    row(
      "kernel",
      `${kernel.release}${kernel.assumed ? style.warning(" (assumed: ") + kernel.why + style.warning("; --kernel)") : ""}`,
    ),
    row("state", report.state === "as-is" ? "the area as it lies (--as-is)" : "after that kernel's boot and recovery"),
    row("memory", `${memory.kind}${memory.assumed ? ` (${memory.why}; --memory)` : ""}`),
  ];
  if (report.notStored.length > 0)
    lines.push(row("not stored", `${report.notStored.join(", ")}: the area does not hold them; events are counted`));
  if (report.messages.length > 0) lines.push(row("it printed", report.messages.map(printable).join(" | ")));
  return `\n${lines.map((line) => `${wrap(line, io, " ".repeat(14))}\n`).join("")}`;
}

function row(title: string, text: string): string {
  return `  ${title.padEnd(11)} ${text}`;
}

function heading(piece: string, what: string, io: Io, style: Style): string {
  return `\n${wrap(`${style.heading(piece)}  ${what}`, io, "  ")}\n`;
}

function whoMayMap(report: MmapLayoutReport, io: Io, style: Style): string {
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
    return wrap(`  ${who}${asked} of ${memory.kind} memory: ${answerText(answer, style)}`, io, "    ");
  });
  return `${heading("who may map", "tracing_buffers_mmap(), ring_buffer_map()", io, style)}${lines.join("\n")}\n`;
}

function answerText(answer: Answer, style: Style): string {
  const inferred = answer.inferred ? " (not known of this release: inferred from those beside it)" : "";
  if (answer.unsafe) return `${style.error("not refused, and not safe")}: ${answer.unsafe}${inferred}`;
  if (answer.swallowed)
    return `${style.error("returns success and maps nothing")}: ${answer.errno} is lost: ${answer.why}; access is SIGBUS`;
  if (answer.allowed) return `${style.good("allowed")}${inferred}`;
  const early =
    answer.errnoReadOnlyFile !== null && answer.errnoReadOnlyFile !== answer.errno
      ? `; ${answer.errnoReadOnlyFile} from mmap() itself where the file is opened read-only`
      : "";
  return `${style.error(errnoText(answer))} in ${answer.function}(): ${answer.why}${early}${inferred}`;
}

function errnoText(answer: Answer | undefined): string {
  if (!answer) return "there is no CPU";
  if (answer.errno === null) return answer.why;
  return `${answer.errno} (${answer.errnoNumber}, ${answer.errnoText})`;
}

function protText(prot: number): string {
  if (prot === 0) return "PROT_NONE";
  return ["PROT_READ", "PROT_WRITE", "PROT_EXEC"].filter((_, bit) => prot & (1 << bit)).join("|");
}

function* cpuPart(report: MmapLayoutReport, cpu: MmapCpuReport, io: Io, style: Style): Generator<string> {
  if (cpu.fault && !cpu.meta) {
    yield `\n${style.error(`CPU ${cpu.cpu}: the kernel fails in ${cpu.fault.function}()`)}: ${printable(cpu.fault.message)}\n`;
    return;
  }
  if (!cpu.meta) return;
  yield heading(`CPU ${cpu.cpu}: user meta page`, "struct trace_buffer_meta, rb_update_meta_page()", io, style);
  yield renderFitting(
    [
      { title: "field", keep: 9 },
      { title: "value", align: "right", keep: 9 },
      { title: "meaning", keep: 1 },
    ],
    cpu.meta.map(({ name, value, about }) => [
      report.notStored.includes(name as never) ? style.faint(`${name} *`) : name,
      `${value}`,
      style.faint(about),
    ]),
    io,
    style,
  );
  yield heading(
    `CPU ${cpu.cpu}: sub-buffers`,
    cpu.ids!.rule === "persistent"
      ? "rb_page_id(): user id = physical index, kernel id = bpage->id; ordinary = the id without persistent memory"
      : "rb_page_id(): user id = the order of the ring at map time; kernel id = what bpage->id was in the persistent buffer",
    io,
    style,
  );
  yield pagesTable(report, cpu, io, style);
  yield `${wrap(`  rb_struct_page: ${cpu.structPage!.used}() - ${cpu.structPage!.note}${cpu.structPage!.directMapOffset === null ? "" : ` (physical address 0 would be at ${cpu.structPage!.directMapOffset})`}`, io, "    ")}\n`;
  yield `${wrap(`  flushed at map time: ${flushText(cpu.flushes)}`, io, "    ")}\n`;
  yield warningsText(cpu.warnings, style);
  yield* steps(report, cpu, io, style);
}

function warningsText(warnings: readonly string[], style: Style): string {
  return warnings.map((text) => `  ${style.warning("the kernel would WARN")}: ${text}\n`).join("");
}

function pagesTable(report: MmapLayoutReport, cpu: MmapCpuReport, io: Io, style: Style): string {
  const { nanoseconds } = report;
  const physical = report.physicalStart !== null;
  const columns: WideColumn[] = [
    { title: "map offset", keep: 8 },
    { title: "user id", align: "right", keep: 10 },
    { title: "kernel id", align: "right", keep: 10 },
    { title: "ordinary", align: "right", keep: 7 },
    { title: "role", keep: 9 },
    { title: "state", keep: 6 },
    { title: "read as", align: "right", keep: 9 },
    { title: "image offset", keep: 4 },
    { title: "virtual", keep: 2 },
    ...(physical
      ? ([
          { title: "physical", keep: 3 },
          { title: "pfn", keep: 7.5 },
        ] as const)
      : []),
    { title: "time stamp", align: "right", keep: 6 },
    { title: "commit", align: "right", keep: 5 },
    { title: "events", align: "right", keep: 8 },
  ];
  const meta = [
    hex(0),
    style.faint("meta"),
    "",
    "",
    style.faint("user meta page"),
    "",
    "",
    style.faint("none: ordinary memory"),
    "",
    ...(physical ? ["", ""] : []),
    "",
    "",
    "",
  ];
  const rows = cpu.pages.map((page) => [
    hex(page.mapOffset),
    `${page.userId}`,
    `${page.kernelId}`,
    `${page.ordinaryId}`,
    page.roles.map((role) => (role === "ring" ? style.faint(role) : style[role](role))).join("+"),
    stateText(page.state, style),
    page.readingOrder === null ? style.faint("-") : `${page.readingOrder + 1}`,
    hex(page.offset),
    page.virtual ?? "",
    ...(physical
      ? [
          page.physical ?? "",
          page.pfnByVirtToPage === page.pfnByRange ? (page.pfnByRange ?? "") : `${page.pfnByRange} (range only)`,
        ]
      : []),
    time(BigInt(page.timeStamp), nanoseconds),
    `${page.size}${page.missedEvents ? " missed" : ""}`,
    `${page.events}`,
  ]);
  const withMeta = report.request.pgoff === 0 ? [meta, ...rows] : rows;
  return renderFitting(columns, withMeta, io, style);
}

function stateText(state: string, style: Style): string {
  if (state === "live") return style.good(state);
  return state === "dropped" ? style.warning(state) : style.faint(state);
}

function flushText(flushes: MmapCpuReport["flushes"]): string {
  return flushes
    .map(({ piece, call, mapOffset, length, userId }) => {
      const what = userId === null ? "the meta page" : `sub-buffer ${userId}`;
      return `${piece}: ${call}() of ${what}, ${hex(mapOffset)} to ${hex(mapOffset + length - 1)}`;
    })
    .join("; ");
}

function* steps(report: MmapLayoutReport, cpu: MmapCpuReport, io: Io, style: Style): Generator<string> {
  if (cpu.steps.length > 0) {
    yield heading(`CPU ${cpu.cpu}: TRACE_MMAP_IOCTL_GET_READER`, "ring_buffer_map_get_reader()", io, style);
    const value = (step: (typeof cpu.steps)[number], field: string) =>
      `${step.meta.find(({ name }) => name === field)!.value}`;
    yield renderFitting(
      [
        { title: "step", align: "right", keep: 10 },
        { title: "reader.id", align: "right", keep: 10 },
        { title: "what happens", keep: 8.5 },
        { title: "bytes to read", keep: 7 },
        { title: "events", align: "right", keep: 9 },
        { title: "first", align: "right", keep: 6 },
        { title: "last", align: "right", keep: 5 },
        { title: "lost", align: "right", keep: 8 },
        { title: "reader.read", align: "right", keep: 4 },
        { title: "read", align: "right", keep: 7 },
      ],
      cpu.steps.map((step) => [
        `${step.step}`,
        style.reader(`${step.readerId}`),
        stepText(step),
        step.empty ? "" : `${step.from}..${step.to}`,
        `${step.events}`,
        time(step.firstTime === null ? undefined : BigInt(step.firstTime), report.nanoseconds),
        time(step.lastTime === null ? undefined : BigInt(step.lastTime), report.nanoseconds),
        step.lostEvents === 0 ? "0" : style.warning(step.lostEvents < 0 ? "some" : `${step.lostEvents}`),
        value(step, "reader.read"),
        value(step, "read"),
      ]),
      io,
      style,
    );
    yield `${wrap(`  flushed at each step: rb_flush_buffer_page: ${cpu.steps[0]!.flushes[0]!.call}() of the reader page, whole; rb_flush_meta: the meta page`, io, "    ")}\n`;
    for (const step of cpu.steps) {
      yield warningsText(step.warnings, style);
      if (step.list && step.list.length > 0) {
        yield style.faint(`  step ${step.step}, sub-buffer ${step.readerId}\n`);
        for (const event of step.list)
          yield `    ${hex(event.mapOffset)}  ${time(BigInt(event.time), report.nanoseconds)}  ${event.length} bytes\n`;
      }
    }
  }
  if (cpu.fault)
    yield `\n${style.error(`CPU ${cpu.cpu}: the kernel then fails in ${cpu.fault.function}()`)}: ${printable(cpu.fault.message)}\n`;
}

function stepText(step: MmapCpuReport["steps"][number]): string {
  if (step.empty) return "nothing left";
  const swaps = step.swaps
    .filter(({ empty }) => !empty)
    .map(({ taken, given, id }) => `${taken} out, ${given} in as id ${id}`);
  const passed = step.swaps.filter(({ empty }) => empty).length;
  const skipped = passed > 0 ? `, ${passed} empty passed` : "";
  return `${swaps.length > 0 ? `swap: ${swaps.join("; ")}` : "reader page, no swap"}${skipped}`;
}

function notMapped(report: MmapLayoutReport, io: Io, style: Style): string {
  const chosen = new Set(report.cpus.map(({ cpu }) => cpu));
  const rows = report.regions
    .filter(({ mappedByCpu }) => mappedByCpu === null || (chosen.size === 1 && !chosen.has(mappedByCpu)))
    .map(({ what, cpu, offset, length, physical }) => [
      what === "sub-buffers" ? `CPU ${cpu}'s sub-buffers` : cpu === null ? what : `${what} of CPU ${cpu}`,
      hex(offset),
      `${length}`,
      ...(report.physicalStart === null ? [] : [physical ?? ""]),
      style.faint(WHY[what]),
    ]);
  const columns: WideColumn[] = [
    { title: "piece", keep: 9 },
    { title: "image offset", keep: 8 },
    { title: "bytes", align: "right", keep: 7 },
    ...(report.physicalStart === null ? [] : [{ title: "physical", keep: 3 }]),
    { title: "", keep: 1 },
  ];
  return `${heading("never mapped here", "the persistent meta pages belong to the kernel", io, style)}${renderFitting(columns, rows.slice(0, MAX_REGIONS), io, style)}${rows.length > MAX_REGIONS ? style.faint(`and ${rows.length - MAX_REGIONS} more (--json lists all)\n`) : ""}`;
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

/** The table of --who-may-map. */
export function renderWho(report: WhoReport, io: Io, style: Style): string {
  const kinds = report.rows[0]!.answers.map(({ memory }) => memory);
  const cell = (answer: WhoReport["rows"][number]["answers"][number]): string => {
    const mark = answer.inferred ? " ?" : "";
    if (answer.unsafe) return style.error(`unsafe${mark}`);
    if (answer.allowed) return style.good(`yes${mark}`);
    return style.error(`${answer.errno}${mark}`);
  };
  const table = renderTable(
    [{ title: "Linux" }, ...kinds.map((title) => ({ title }))],
    report.rows.map(({ kernel, answers }) => [kernel, ...answers.map(cell)]),
    io,
    style,
  );
  return `${wrap("Who may map per_cpu/cpuN/trace_pipe_raw shared and read-only (tracing_buffers_mmap()):", io)}\n${table}${style.faint(
    wrap(
      "? not known of this release: inferred. unsafe: not refused, but virt_to_page() of a vmap address. Errors of --prot, --flags, --pgoff and --length come after these.",
      io,
    ),
  )}\n`;
}
