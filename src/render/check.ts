import { hex } from "../ground/hex.js";
import { plural, pluralVerb } from "../ground/plural.js";
import { safeText } from "../ground/safe-text.js";
import type { CheckKernel, CheckReport } from "../report/check.js";
import type { Paper } from "./paper.js";
import type { Style } from "./style.js";
import { renderTable } from "./table.js";
import { onPaper } from "./wrap.js";

/** Findings shown of one kernel before the rest is counted. */
const MAX_SHOWN = 40;

/** The report for people: one kernel in full, or several side by side. */
export function* renderCheck(report: CheckReport, choice: { table: boolean }, paper: Paper): Generator<string> {
  if (report.cut) yield `${onPaper(`${paper.style.error("the image is cut")}: ${report.cut.text}`, paper, "  ")}\n`;
  yield fatal(report, paper);
  if (choice.table) {
    yield `${onPaper(`${paper.style.heading(safeText(report.image.name))}: ${answer(report, paper.style)}`, paper, "  ")}\n\n`;
    yield comparison(report, paper);
    yield footer(report, paper);
    return;
  }
  for (const kernel of report.kernels) {
    yield headline(report, kernel, paper);
    yield* details(report, kernel, paper);
  }
}

/** Of several kernels, in a sentence. */
function answer({ alike, kernels, readableEvents }: CheckReport, style: Style): string {
  const [only] = alike;
  const first = kernels[only?.kernels[0] ?? 0];
  if (alike.length === 1 && first?.summary === "keeps-everything")
    return style.good(
      `every kernel compared (${only!.kernel}) keeps ${first.keptEvents === 1 ? "the one event" : `all ${first.keptEvents} events`}`,
    );
  const kept = alike.filter(({ kernels: places }) => kernels[places[0]!]!.summary === "keeps-everything");
  const unread = plural(readableEvents, "unread event");
  if (kept.length === alike.length) return `${unread}: ${style.good("every kernel compared keeps them all")}`;
  if (kept.length === 0) return `${unread}: ${style.error("no kernel compared keeps them all")}`;
  return `${unread}: ${style.good(`kept by ${kept.map(({ kernel }) => kernel).join(", ")}`)}; ${style.error("not by the others")}`;
}

/** What not to do after the boot. */
function fatal({ fatalRecords }: CheckReport, paper: Paper): string {
  return fatalRecords
    .map(({ event, why, count, first: { cpu, subbuf, offset } }) => {
      const where = `the first on CPU ${cpu}, sub-buffer ${subbuf}+${hex(offset)}`;
      return `${onPaper(`${paper.style.error("do not read trace after the reboot")}: ${plural(count, `${event} record`)} may crash or stall that kernel: ${why} (${where})`, paper, "  ")}\n`;
    })
    .join("");
}

/** The sentence that a person at 3 a.m. needs. */
function headline(report: CheckReport, kernel: CheckKernel, paper: Paper): string {
  const { style } = paper;
  const known = `(newer than any release known here: simulated as ${kernel.behaviour.since}, the newest behaviour known)`;
  const line = `${style.heading(safeText(report.image.name))}: Linux ${kernel.kernel} ${sentence(kernel, style)}`;
  return `${onPaper(line, paper, "  ")}\n${kernel.beyondKnown ? `${onPaper(style.warning(known), paper, "  ")}\n` : ""}`;
}

function sentence(kernel: CheckKernel, style: Style): string {
  const { keptEvents, droppedEvents, discardedPages, rewoundPages } = kernel;
  const kept = `${keptEvents} of ${kernel.readableEvents} readable events`;
  const rewound =
    rewoundPages > 0 ? `; ${pluralVerb(rewoundPages, "consumed page", ["becomes", "become"])} readable again` : "";
  switch (kernel.summary) {
    case "keeps-everything":
      return `${style.good("would keep everything")}: ${plural(keptEvents, "event")}${rewound}`;
    case "loses-some":
      return `${style.error("would lose something")}: it keeps ${kept}${discardedPages > 0 ? `, drops ${plural(discardedPages, "page")}` : ""}${droppedEvents > 0 ? `; ${pluralVerb(droppedEvents, "readable event")} lost` : ""}${rewound}`;
    case "loses-all":
      return `${style.error("would lose everything")}: ${droppedEvents} readable events`;
    case "crashes":
      return `${style.error("would crash")} in ${kernel.fault!.function}(), at every boot until the memory is cleared`;
    case "hangs":
      return `${style.error("would hang")}: it walks one sub-buffer's events forever`;
    case "unknown":
      if (kernel.fault === null) return cutSentence(kernel, style);
      return style.warning("would read bytes outside the image: no verdict is possible");
    case "refuses":
      return style.error("could not make the buffer: there would be no instance");
  }
}

/** Which CPUs are judged, which are not, and what is kept of the first. */
function cutSentence(kernel: CheckKernel, style: Style): string {
  const list = (unknown: boolean): string =>
    kernel.cpus
      .filter(({ verdict }) => (verdict === "unknown") === unknown)
      .map(({ cpu }) => cpu)
      .join(", ");
  if (list(false) === "") return style.warning("cannot be judged: every CPU is cut off");
  const { keptEvents, readableEvents } = kernel;
  return `${style.warning("can be judged in part")}: CPU ${list(true)} cut off; of CPU ${list(false)} it keeps ${keptEvents} of ${readableEvents} readable events`;
}

function* details(report: CheckReport, kernel: CheckKernel, paper: Paper): Generator<string> {
  if (kernel.messages.length > 0) {
    yield `\n${paper.style.faint("It would print:")}\n${kernel.messages.map((line) => `${onPaper(`  ${safeText(line)}`, paper, "    ")}\n`).join("")}`;
  }
  if (kernel.fault)
    yield `\n${paper.style.error("fault")}  ${safeText(kernel.fault.message)}${kernel.fault.address === null ? "" : ` (address ${kernel.fault.address})`}\n`;
  const rows = kernel.cpus.map((cpu) => [
    `${cpu.cpu}`,
    styledVerdict(cpu, paper.style),
    cpu.reason ?? outside(cpu, kernel.findings),
    cpu.stats ? `${cpu.stats.entries}` : "-",
    cpu.stats ? cpu.stats.bytes : "-",
    cpu.stats ? cpu.stats.oldestEventTsText : "-",
    `${cpu.rewound ?? "-"}`,
    `${cpu.discarded ?? "-"}`,
    cpu.droppedEvents === null ? "-" : cpu.droppedEvents > 0 ? paper.style.error(`${cpu.droppedEvents}`) : "0",
  ]);
  yield `\n${renderTable(
    [
      { title: "CPU", align: "right" },
      { title: "verdict" },
      { title: "reason", keep: 6 },
      { title: "entries", align: "right", keep: 7 },
      { title: "bytes", align: "right", keep: 2 },
      { title: "oldest event", align: "right", keep: 3 },
      { title: "pages rewound", align: "right", keep: 4 },
      { title: "pages dropped", align: "right", keep: 5 },
      { title: "readable but lost", align: "right" },
    ],
    rows,
    paper,
  )}`;
  yield findings(kernel, paper);
  yield stillReadable(kernel, paper);
  yield footer(report, paper);
}

function findings(kernel: CheckKernel, paper: Paper): string {
  // A kernel may find the same twice: a bad head page is a bad page as well.
  const all = new Map(
    kernel.findings.map(({ code, message, offset }) => [`${code} ${message} ${offset}`, { code, message, offset }]),
  );
  if (all.size === 0 && kernel.uncertain.length === 0) return "";
  const lines = [...all.values()].slice(0, MAX_SHOWN).map(({ code, message, offset }) => {
    const place = message.includes("(at offset") ? "" : ` (at offset ${hex(offset)})`;
    return `  ${paper.style.warning(code)}: ${safeText(message)}${place}`;
  });
  if (all.size > MAX_SHOWN) lines.push(paper.style.faint(`  and ${all.size - MAX_SHOWN} more (--json lists all)`));
  for (const note of kernel.uncertain) lines.push(`  ${paper.style.faint("not certain")}: ${safeText(note)}`);
  return `\n${paper.style.faint("Why:")}\n${lines.map((line) => onPaper(line, paper, "    ")).join("\n")}\n`;
}

function stillReadable(kernel: CheckKernel, paper: Paper): string {
  const lost = kernel.cpus.filter(({ dropped }) => dropped.length > 0);
  if (lost.length === 0) return "";
  const lines = lost.map(({ cpu, dropped, droppedEvents }) => {
    const places = dropped.slice(0, 6).map(({ offset }) => hex(offset));
    const more = dropped.length > places.length ? `, and ${dropped.length - places.length} more` : "";
    return `  CPU ${cpu}: ${droppedEvents} events in ${plural(dropped.length, "sub-buffer")} at ${places.join(", ")}${more}`;
  });
  const title = "Still readable in this image though that kernel would drop it (copy the image before it boots):";
  return `\n${[paper.style.faint(title), ...lines].map((line) => onPaper(line, paper, "    ")).join("\n")}\n`;
}

function comparison(report: CheckReport, paper: Paper): string {
  const rows = report.alike.map(({ kernel: label, kernels: [place] }) => {
    const kernel = report.kernels[place!]!;
    const codes = kernel.findings.map(({ code }): string => code);
    const reasons = new Set([...codes, ...kernel.cpus.map((cpu) => outside(cpu, kernel.findings))].filter(Boolean));
    return [
      label,
      verdictWord(kernel, paper.style),
      `${kernel.keptEvents}`,
      kernel.droppedEvents > 0 ? paper.style.error(`${kernel.droppedEvents}`) : "0",
      `${kernel.rewoundPages}`,
      `${kernel.discardedPages}`,
      kernel.cpus.map(verdictOf).reduce(group, "").replace(/^, /, ""),
      [...reasons].slice(0, 3).join(", "),
    ];
  });
  return renderTable(
    [
      { title: "kernel" },
      { title: "verdict" },
      { title: "kept", align: "right" },
      { title: "lost", align: "right", keep: 7 },
      { title: "rewound", align: "right", keep: 3 },
      { title: "dropped", align: "right", keep: 4 },
      { title: "CPUs", keep: 2 },
      { title: "why", keep: 5 },
    ],
    rows,
    paper,
  );
}

/** Why events are lost of a CPU that is kept, and in which the kernel finds nothing wrong: it reads no others. */
function outside({ cpu, verdict, droppedEvents }: CheckKernel["cpus"][number], found: CheckKernel["findings"]): string {
  if (verdict !== "kept" || !droppedEvents || found.some((finding) => finding.cpu === cpu)) return "";
  return "not between head and commit";
}

/** What becomes of a CPU's buffer, in words. */
function verdictOf({ verdict, discarded }: CheckKernel["cpus"][number]): string {
  if (verdict === "unknown") return "not judged";
  return verdict === "kept" && (discarded ?? 0) > 0 ? "kept in part" : verdict;
}

function styledVerdict(cpu: CheckKernel["cpus"][number], style: Style): string {
  const word = verdictOf(cpu);
  if (word === "kept") return style.good(word);
  return cpu.verdict === "kept" || cpu.verdict === "unknown" ? style.warning(word) : style.error(word);
}

/** kept, kept, reset -> 2 kept, reset */
function group(text: string, word: string): string {
  const parts = text === "" ? [] : text.split(", ");
  const last = parts.at(-1);
  const match = last === undefined ? null : /^(?:(\d+) )?(.+)$/.exec(last);
  if (match && match[2] === word) parts[parts.length - 1] = `${Number(match[1] ?? 1) + 1} ${word}`;
  else parts.push(word);
  return parts.join(", ");
}

function verdictWord(kernel: CheckKernel, style: Style): string {
  if (kernel.summary === "keeps-everything") return style.good("keeps everything");
  const word = kernel.summary.replace("-", " ");
  return kernel.summary === "unknown" ? style.warning(word) : style.error(word);
}

function footer(report: CheckReport, paper: Paper): string {
  const { conditions } = report;
  const notes = [
    `Simulated: ${plural(conditions.cpus, "CPU")}, ${conditions.pageSize / 1024}K pages, an area of ${hex(conditions.size)} bytes${conditions.virtualStart ? ` at ${conditions.virtualStart}` : ""}.`,
  ];
  if (report.kernels.some((kernel) => kernel.cpus.some(({ verdict }) => verdict === "kept") && kernel.rewoundPages > 0))
    notes.push("Rewound: pages that had been consumed, readable again.");
  return `\n${onPaper(paper.style.faint(notes.join(" ")), paper)}\n`;
}
