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
  if (fit !== null) parts.push(fitPart(fit, paper));
  return parts.join("\n");
}

/** The verdict, and by event what speaks against it. */
function fitPart({ verdict, records, fitting, ...fit }: NonNullable<FormatsReport["fit"]>, paper: Paper): string {
  const { unknown, short, long, odd, other_long: otherLong, strange_release: strange } = fit;
  const lines = [
    `${fitting} of the image's ${records} records fit: ${verdict === "fits" ? "the formats can be the writing kernel's" : "the formats are of another build"}`,
    ...(otherLong === null ? [] : [`the formats come from a ${otherLong * 8}-bit kernel, and the image does not`]),
    ...(strange === null ? [] : [`no kernel ${safeText(strange)} writes the image's buffer layout`]),
  ];
  const head = lines.map((line) => `${onPaper(line, paper, "  ")}\n`).join("");
  const rows = [
    ...unknown.map((row) => ({ ...row, what: "no format has this ID" })),
    ...short.map((row) => ({ ...row, what: "shorter than its fields" })),
    ...long.map((row) => ({ ...row, what: "longer than its format" })),
    ...odd.map((row) => ({ ...row, what: `${row.field} holds an impossible value` })),
  ].map(({ type, event, records: count, what }) => [
    String(type),
    safeText(event ?? "-"),
    String(count),
    safeText(what),
  ]);
  if (rows.length === 0) return head;
  const columns = [
    { title: "ID", align: "right", keep: 1 },
    { title: "event" },
    { title: "records", align: "right", keep: 2 },
    { title: "why not" },
  ] as const;
  return `${head}\n${renderTable(columns, rows, paper)}`;
}
