import { safeText } from "../ground/safe-text.js";
import type { ExportReport } from "../report/export.js";
import type { Style } from "./style.js";
import { bytes, plural } from "./units.js";

/** What was written, for people. */
export function* renderExport(report: ExportReport, style: Style): Generator<string> {
  const { output, events, format } = report;
  yield `${style.heading(safeText(output.name))}: ${plural(events, "event")} as ${format}, ${bytes(output.size)}\n`;
}
