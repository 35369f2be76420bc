import { plural } from "../ground/plural.js";
import { safeText } from "../ground/safe-text.js";
import type { ExportReport } from "../report/export.js";
import type { Paper } from "./paper.js";
import { bytes } from "./units.js";
import { onPaper } from "./wrap.js";

/** What was written, for people. */
export function* renderExport(report: ExportReport, paper: Paper): Generator<string> {
  const { output, events, format } = report;
  const what = `${plural(events, "event")} as ${format}, ${bytes(output.size)}`;
  yield `${onPaper(`${paper.style.heading(safeText(output.name))}: ${what}`, paper, "  ")}\n`;
}
