import { hex } from "../ground/hex.js";
import { plural } from "../ground/plural.js";
import { safeText } from "../ground/safe-text.js";
import type { Sequence } from "../ground/sequence.js";
import type { InspectCpu, InspectPage, InspectReport } from "../report/inspect.js";
import { renderDiagnostics } from "./diagnostics.js";
import type { Paper } from "./paper.js";
import { rolesText } from "./subbuf-words.js";
import { renderTable, tableParts } from "./table.js";
import { ringStrips, tornLines } from "./torn.js";
import { bytes, spanText, time } from "./units.js";
import { glued, onPaper } from "./wrap.js";

/** The report for people, part by part. */
export function* renderInspect(report: InspectReport, paper: Paper): Generator<string> {
  yield summary(report, paper);
  yield metas(report, paper);
  yield cpuTable(report, paper);
  if (report.cpus.some(({ ring }) => /[tld]/.test(ring))) yield ringStrips(report, paper);
  for (const cpu of report.cpus) if (cpu.pages) yield* pagesTable(cpu, cpu.pages, report, paper);
  yield renderDiagnostics(report.diagnostics, report.omittedDiagnostics, paper);
}

/** What a person at 3 a.m. reads first: is there anything, from when, and is it whole? */
function summary(report: InspectReport, paper: Paper): string {
  const { layout } = report;
  const events = report.cpus.reduce((sum, cpu) => sum + cpu.events, 0);
  const damaged =
    report.diagnostics.filter(({ severity }) => severity === "error").length +
    report.omittedDiagnostics.reduce((sum, { count }) => sum + count, 0);
  const first = earliest(report.cpus.map((cpu) => cpu.firstTime));
  const last = latest(report.cpus.map((cpu) => cpu.lastTime));
  const { nanoseconds } = report;
  const span =
    first === undefined
      ? ""
      : `, ${spanText(first, last, (value) => time(value, nanoseconds))}${nanoseconds ? " s" : ""}`;
  const verdict =
    damaged === 0
      ? paper.style.good("nothing damaged")
      : paper.style.error(`${plural(damaged, "place")} damaged (listed at the end)`);
  const consumed = report.cpus.reduce((sum, cpu) => sum + cpu.consumedEvents, 0);
  // Nothing mends that.
  const translated = report.diagnostics.some(({ code }) => code === "image-translated");
  const lines = [
    `${paper.style.heading(safeText(report.image.name))}: ${plural(events, "event")} on ${plural(report.cpus.length, "CPU")}${span}; ${verdict}`,
    ...(damaged > 0 && !translated
      ? ["rbtool events shows all that is left; rbtool recover --salvage makes a sound image of it"]
      : []),
    ...(consumed > 0
      ? [
          `${plural(consumed, "more event")} had been read before: rbtool events --consumed shows ${consumed === 1 ? "it" : "them"} too`,
        ]
      : []),
    "",
    row(
      "layout",
      `${layout.generation === "global" ? "one boot meta, scratch, then CPUs" : "a boot meta for each CPU"}: Linux ${layout.kernels}`,
      paper,
    ),
    row("writer", `${layout.byteOrder}, ${layout.longSize * 8}-bit, ${layout.pageSize / 1024}K pages`, paper),
    row(
      "area",
      `${bytes(layout.totalSize)}: ${plural(layout.cpus, "CPU")} of ${plural(layout.subbufsPerCpu, "sub-buffer")}; ${plural(layout.leftOver, "byte")} left over`,
      paper,
    ),
    ...(layout.behind === 0
      ? []
      : [
          row(
            "behind it",
            `${bytes(layout.behind)} that are not part of the area; rbtool locate looks for other buffers there`,
            paper,
          ),
        ]),
    row("virtual start", report.addresses.virtualStart ?? "unknown", paper),
  ];
  if (report.addresses.physicalStart) lines.push(row("physical start", report.addresses.physicalStart, paper));
  if (report.torn)
    lines.push(...tornLines(report.torn, events).map((line, i) => row(i === 0 ? "torn memory" : "", line, paper)));
  return `${lines.map((line) => (line.startsWith("  ") ? line : onPaper(line, paper, "  "))).join("\n")}\n`;
}

function metas(report: InspectReport, paper: Paper): string {
  const lines: string[] = [];
  const { bootMeta, scratch } = report;
  if (bootMeta) {
    const fields = Object.entries(bootMeta.fields).map(([name, { value }]) =>
      glued(`${name} ${typeof value === "number" ? hex(value >>> 0) : value}`),
    );
    lines.push(row("boot meta", fields.join("  "), paper));
  }
  if (scratch) {
    const modules = plural(scratch.modules.length, "module");
    const parts = [
      `clock ${scratch.clock.name ?? `unknown id ${scratch.clock.id}`}`,
      `_text ${scratch.textAddress ?? "not set"}`,
      modules,
    ];
    lines.push(row("scratch", parts.map(glued).join("  "), paper));
    for (const module of scratch.modules) lines.push(row("", `${module.address}  ${safeText(module.name)}`, paper));
  } else if (report.layout.generation === "per-cpu") {
    lines.push(row("clock", "not stored by these kernels; times are shown as nanoseconds", paper));
  }
  return `${lines.join("\n")}\n\n`;
}

function cpuTable(report: InspectReport, paper: Paper): string {
  const { nanoseconds } = report;
  const physical = report.addresses.physicalStart !== null;
  const ref = (subbuf: InspectCpu["head"]) => (subbuf ? `${subbuf.id}@${subbuf.index}` : "?");
  const rows = report.cpus.map((cpu) => [
    `${cpu.cpu}`,
    cpu.meta ? hex(cpu.meta.offset) : "cut off",
    hex(cpu.subbufs.offset),
    ...(physical ? [cpu.subbufs.physical ?? ""] : []),
    paper.style.reader(ref(cpu.reader)),
    paper.style.head(ref(cpu.head)),
    paper.style.commit(ref(cpu.commit)),
    `${cpu.subbufsUnread}/${cpu.subbufs.count}`,
    `${cpu.events}`,
    `${cpu.bytes}`,
    time(cpu.firstTime === null ? undefined : BigInt(cpu.firstTime), nanoseconds),
    time(cpu.lastTime === null ? undefined : BigInt(cpu.lastTime), nanoseconds),
    lostText(cpu),
    cpu.state === "events"
      ? paper.style.good(cpu.state)
      : cpu.state === "head or commit lost"
        ? paper.style.error(cpu.state)
        : paper.style.faint(cpu.state),
  ]);
  const columns = [
    { title: "CPU", align: "right" as const },
    { title: "meta", keep: 2 },
    { title: "sub-buffers", keep: 1 },
    ...(physical ? [{ title: "physical", keep: 2 }] : []),
    { title: "reader", keep: 5 },
    { title: "head", keep: 4 },
    { title: "commit", keep: 4 },
    { title: "unread", align: "right" as const, keep: 6 },
    { title: "events", align: "right" as const },
    { title: "bytes", align: "right" as const, keep: 3 },
    { title: "first", align: "right" as const, keep: 7 },
    { title: "last", align: "right" as const },
    { title: "lost", align: "right" as const, keep: 8 },
    { title: "state" },
  ];
  const kinds = report.cpus.map((cpu) => {
    const { data, padding } = cpu.records;
    const consumed =
      cpu.subbufsConsumed > 0
        ? `; ${plural(cpu.consumedEvents, "consumed event")} in ${plural(cpu.subbufsConsumed, "sub-buffer")}`
        : "";
    const meta = Object.entries(cpu.meta?.fields ?? {}).map(([name, { value }]) =>
      glued(`${name} ${name === "magic" && typeof value === "number" ? hex(value >>> 0) : value}`),
    );
    const stored =
      meta.length === 0 ? "" : `\n${onPaper(`       ${paper.style.faint(meta.join("  "))}`, paper, "       ")}`;
    const kindsOf = [`${data} data`, `${padding} padding`, `${cpu.records["time-extend"]} time extend`];
    const stamps = `${cpu.records["time-stamp"]} time stamp records`;
    const counts = `CPU ${cpu.cpu}: ${[...kindsOf, stamps].map(glued).join(", ")}${consumed}`;
    return onPaper(counts, paper, "       ") + stored;
  });
  return `${renderTable(columns, rows, paper)}${paper.style.faint(onPaper("Pages are id@index: the position in buffers[] and the physical index.", paper))}\n\n${kinds.join("\n")}\n`;
}

function lostText(cpu: InspectCpu): string {
  if (cpu.lost.places === 0) return "0";
  return cpu.lost.events === "0" ? `some (${cpu.lost.places}x)` : `${cpu.lost.events}`;
}

function* pagesTable(
  cpu: InspectCpu,
  pages: Sequence<InspectPage>,
  report: InspectReport,
  paper: Paper,
): Generator<string> {
  const { nanoseconds } = report;
  const physical = report.addresses.physicalStart !== null;
  const rows = pages.map((page) => [
    `${page.id}`,
    `${page.index}`,
    rolesText(page.roles, paper.style),
    hex(page.offset),
    ...(physical ? [page.physical ?? ""] : []),
    time(BigInt(page.timeStamp), nanoseconds),
    `${page.size}${page.missedEvents ? " missed" : ""}${page.missedStored ? "+stored" : ""}`,
    `${page.records.data + page.records.padding + page.records["time-extend"] + page.records["time-stamp"]}`,
    `${page.events}`,
    page.damage
      ? paper.style.error(`${page.state}, ${page.damage.code ?? "time"}`)
      : page.state === "unread"
        ? paper.style.good(page.state)
        : paper.style.faint(page.state),
  ]);
  const columns = [
    { title: "id", align: "right" as const },
    { title: "index", align: "right" as const, keep: 6 },
    { title: "role", keep: 7 },
    { title: "offset", keep: 3 },
    ...(physical ? [{ title: "physical", keep: 1 }] : []),
    { title: "time stamp", align: "right" as const, keep: 4 },
    { title: "commit", align: "right" as const, keep: 5 },
    { title: "records", align: "right" as const, keep: 2 },
    { title: "events", align: "right" as const },
    { title: "state" },
  ];
  yield `\n${paper.style.heading(`CPU ${cpu.cpu}, in the kernel's order`)}\n`;
  yield* tableParts(columns, rows, paper);
}

/** Where a line's text begins. */
const MARGIN = " ".repeat(17);

function row(title: string, text: string, paper: Paper): string {
  return onPaper(`  ${paper.style.faint(title.padEnd(15))}${text}`, paper, MARGIN);
}

function earliest(times: readonly (string | null)[]): bigint | undefined {
  return times.reduce<bigint | undefined>(
    (best, text) => (text !== null && (best === undefined || BigInt(text) < best) ? BigInt(text) : best),
    undefined,
  );
}

function latest(times: readonly (string | null)[]): bigint | undefined {
  return times.reduce<bigint | undefined>(
    (best, text) => (text !== null && (best === undefined || BigInt(text) > best) ? BigInt(text) : best),
    undefined,
  );
}
