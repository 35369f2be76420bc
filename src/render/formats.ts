import { safeText } from "../ground/safe-text.js";
import type { FormatsReport } from "../report/formats.js";
import type { Paper } from "./paper.js";
import { renderTable } from "./table.js";
import { onPaper } from "./wrap.js";

/** Files that are no format files, of which so many are named. */
const MOST_PROBLEMS = 20;

/** What a set of formats has, for a person. */
export function renderFormats(report: FormatsReport, paper: Paper): string {
  const { total, fallbacks, marked, has, fit } = report;
  const also = [
    has.symbols ? "symbols" : undefined,
    has.strings ? "strings" : undefined,
    has.types ? "types (BTF)" : undefined,
    has.modules.length > 0 ? `${has.modules.length} loaded modules` : undefined,
  ].filter((word) => word !== undefined);
  const lines = [
    `${paper.style.heading(`${total} event formats`)}${report.release === null ? "" : ` of ${safeText(report.release)}`}` +
      `${also.length === 0 ? "" : `, with ${also.join(", ")}`}`,
    `${total - fallbacks - marked} print as the kernel does, ${marked} with markers, ${fallbacks} field by field`,
  ];
  const parts = [`${lines.map((line) => onPaper(line, paper, "  ")).join("\n")}\n`];
  const rows = report.formats.flatMap(({ system, name, fallback, markers, reasons }) => {
    const event = safeText(`${system}:${name}`);
    if (fallback !== undefined) return [[event, "(the whole line)", safeText(fallback)]];
    return (markers ?? []).map((marker, i) => [event, safeText(marker), safeText(reasons?.[i] ?? "")]);
  });
  if (rows.length > 0)
    parts.push(renderTable([{ title: "event" }, { title: "not told" }, { title: "why" }], rows, paper));
  if (report.problems.length > 0) {
    const shown = report.problems.slice(0, MOST_PROBLEMS);
    parts.push(
      shown.map(({ file, message }) => `${safeText(file)}: ${safeText(message)}\n`).join("") +
        (report.problems.length > shown.length ? `and ${report.problems.length - shown.length} more\n` : ""),
    );
  }
  if (fit !== null) parts.push(fitText(fit, paper));
  return parts.join("\n");
}

function fitText(fit: NonNullable<FormatsReport["fit"]>, paper: Paper): string {
  const text = `${fit.fitting} of the image's ${fit.records} records fit\n`;
  const rows = [
    ...fit.unknown.map((row) => ({ ...row, what: "no format has this ID" })),
    ...fit.short.map((row) => ({ ...row, what: "shorter than its fields" })),
  ].map(({ type, event, records, what }) => [String(type), safeText(event ?? "-"), String(records), what]);
  if (rows.length === 0) return text;
  const table = renderTable(
    [{ title: "ID", align: "right" }, { title: "event" }, { title: "records", align: "right" }, { title: "" }],
    rows,
    paper,
  );
  const wrong = fit.fitting * 2 < fit.records ? "most do not fit: these formats are of another build\n" : "";
  return `${text}${wrong}\n${table}`;
}
