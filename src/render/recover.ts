import { hex } from "../ground/hex.js";
import { plural } from "../ground/plural.js";
import { safeText } from "../ground/safe-text.js";
import { Sequence } from "../ground/sequence.js";
import type { RecoverReport, SalvageReport } from "../report/recover.js";
import type { Paper } from "./paper.js";
import { tableParts } from "./table.js";
import { time } from "./units.js";
import { onPaper } from "./wrap.js";

/** Changes and pages shown before the rest is counted. */
const MAX_SHOWN = 24;

/** What was written and why, for people. */
export function* renderRecover(report: RecoverReport | SalvageReport, paper: Paper): Generator<string> {
  if (report.mode === "salvage") yield* salvaged(report, paper);
  else yield* recovered(report, paper);
}

function* recovered(report: RecoverReport, paper: Paper): Generator<string> {
  const { kernel, output } = report;
  const { style } = paper;
  const sentence = (text: string): string => `${onPaper(text, paper, "  ")}\n`;
  if (!output.written) {
    yield sentence(
      `${style.error(`Linux ${kernel.kernel} would ${kernel.summary === "hangs" ? "hang" : "crash"} on this image`)}: ${safeText(kernel.fault!.message)}`,
    );
    yield sentence("Nothing was written. `rbtool recover --salvage` makes an image that it can take over.");
    return;
  }
  const lossless = kernel.summary === "keeps-everything" || (report.cut && kernel.droppedEvents === 0);
  const kept = lossless ? style.good("everything kept") : style.error(`${kernel.droppedEvents} readable events lost`);
  const what = `${plural(kernel.keptEvents, "event")}, ${kept}`;
  const line = `${style.heading(safeText(output.name))}: the area as Linux ${kernel.kernel} would leave it`;
  if (report.cut) {
    yield sentence(`${line}, but ${style.error(report.cut.text)}`);
    const whole = kernel.cpus.some(({ verdict }) => verdict !== "unknown");
    yield sentence(
      `${whole ? `Of the CPUs that are whole: ${what}` : "No CPU is whole"}. Zeros stand for what is missing.`,
    );
  } else yield sentence(`${line}: ${what}`);
  if (kernel.beyondKnown)
    yield sentence(style.warning(`newer than any release known here: simulated as ${kernel.behaviour.since}`));
  if (kernel.messages.length > 0)
    yield `\n${style.faint("It would print:")}\n${kernel.messages.map((line) => `  ${safeText(line)}\n`).join("")}`;
  yield changes(report, paper);
}

function* salvaged(report: SalvageReport, paper: Paper): Generator<string> {
  const sum = (of: "unreadEvents" | "broughtBackEvents"): number =>
    report.cpus.reduce((total, cpu) => total + cpu[of], 0);
  const losses = report.cpus.reduce(
    (total, { pages }) => total + pages.filter(({ lostBefore }) => lostBefore).length,
    0,
  );
  const lost = losses > 0 ? `; events are lost in ${plural(losses, "place")}` : "";
  const what =
    `${plural(sum("unreadEvents"), "unread event")}, and ${paper.style.good(`${sum("broughtBackEvents")} brought back`)} from ` +
    `consumed sub-buffers${lost}${report.cut ? `; ${paper.style.error(report.cut.text)}` : ""}`;
  yield `${onPaper(`${paper.style.heading(safeText(report.output.name))}: ${what}`, paper, "  ")}\n`;
  for (const line of [...report.mended.map((mended) => `mended ${mended}`), ...report.notes])
    yield `${onPaper(`  ${safeText(line)}`, paper, "    ")}\n`;
  const special = report.cpus.map((cpu) =>
    cpu.pages
      .filter((page) =>
        page.kept
          ? page.evidence !== "unread" || page.repairs.length > 0 || page.lostBefore
          : page.evidence !== "empty",
      )
      .map((page) => [
        `${cpu.cpu}`,
        `${page.index}`,
        hex(page.offset),
        page.kept ? paper.style.good("kept") : paper.style.error("left out"),
        page.evidence,
        [
          ...page.repairs,
          ...(page.lostBefore
            ? [page.lostCount === null ? "events lost before" : `${plural(page.lostCount, "event")} lost before`]
            : []),
        ].join(", "),
        `${page.events}`,
        time(page.from === null ? undefined : BigInt(page.from), report.nanoseconds),
        time(page.to === null ? undefined : BigInt(page.to), report.nanoseconds),
      ]),
  );
  const rows = Sequence.joined(special);
  if (rows.length === 0) return;
  yield `\n${paper.style.faint("Sub-buffers that are not simply unread and whole:")}\n`;
  yield* tableParts(
    [
      { title: "CPU", align: "right" },
      { title: "index", align: "right" },
      { title: "offset" },
      { title: "" },
      { title: "evidence" },
      { title: "mended" },
      { title: "events", align: "right" },
      { title: "from", align: "right" },
      { title: "to", align: "right" },
    ],
    rows,
    paper,
  );
}

function changes(report: RecoverReport, paper: Paper): string {
  const { style } = paper;
  const { bytes, list, more } = report.changes;
  if (bytes === 0) return `\n${style.faint("It changes no byte.")}\n`;
  const lines = list
    .slice(0, MAX_SHOWN)
    .map(({ offset, length, what }) => onPaper(`  ${hex(offset)} +${length}  ${what}`, paper, "    "));
  const rest = list.length - lines.length + more;
  if (rest > 0) lines.push(style.faint(`  and ${rest} more (--json lists them)`));
  return `\n${style.faint(`It changes ${bytes} bytes:`)}\n${lines.join("\n")}\n`;
}
