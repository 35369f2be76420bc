import { plural } from "../ground/plural.js";
import { safeText } from "../ground/safe-text.js";
import type { SystemReport } from "../report/system.js";
import type { Paper } from "./paper.js";
import { bytes } from "./units.js";
import { fill, onPaper } from "./wrap.js";

/** The longest title: of 6.12's two addresses. */
const WIDTH = 23;
/** Room to read a text in. */
const LEAST = 40;

/** What files know of a kernel, for a person. */
export function renderSystem(report: SystemReport, paper: Paper): string {
  const { style } = paper;
  const { kernel, events, missing } = report;
  const lines = [
    onPaper(
      `${style.heading(safeText(report.release ?? "a kernel of unknown release"))}: ${events.formats} event formats, ${report.symbols} symbols`,
      paper,
      "  ",
    ),
    "",
  ];
  const row = (title: string, text: string | undefined | null): void => {
    if (text !== null && text !== undefined) lines.push(...rowLines(title, text, paper));
  };
  row("kernel", kernel && [kernel.file, ...kernel.layers].map(safeText).join(", "));
  row("version", report.version && safeText(report.version));
  row("build ID", report.buildId);
  row(
    "machine",
    report.longSize === null ? null : `${report.machine ?? "unknown"}, ${report.longSize * 8}-bit, ${report.byteOrder}`,
  );
  row("events", events.formats > 0 ? `${events.formats} formats of ${events.systems} systems` : undefined);
  row("symbols", report.symbols > 0 ? String(report.symbols) : undefined);
  row("printk formats", report.printkFormats > 0 ? String(report.printkFormats) : undefined);
  row("types", report.btf > 0 ? `BTF, ${bytes(report.btf)}` : undefined);
  row("CONFIG_HZ", report.hz === null ? undefined : String(report.hz));
  const numbered = report.modules.filter((module) => module.events > 0);
  row(
    "modules",
    report.modules.length === 0
      ? undefined
      : `${report.modules.length}, ${numbered.length} of them with ${plural(
          numbered.reduce((sum, module) => sum + module.events, 0),
          "event",
        )}`,
  );
  for (const { name, data } of report.modules)
    for (const { region, address, by } of data)
      row(
        "data of a module",
        `${safeText(name)}, ${region} at ${address}: inferred from ${by.length} address${by.length === 1 ? "" : "es"} in records that print its symbols (${someOf(by)})`,
      );
  missing.forEach(({ what, use }, i) => {
    row(i === 0 ? "missing" : "", `${what} (${use})`);
  });
  row("written", report.output && safeText(report.output));
  if (report.fit) {
    const { image, verdict, evidence } = report.fit;
    const words = {
      fits: style.good("it wrote this image"),
      possible: "it may have written this image",
      wrong: style.error("it did not write this image"),
    };
    lines.push("", onPaper(`${style.heading(safeText(image))}: ${words[verdict]}`, paper, "  "), "");
    for (const { what, verdict: of, text } of evidence) row(what, of === "fits" ? text : style.error(`no: ${text}`));
  }
  return `${lines.join("\n")}\n`;
}

/** The first few. */
function someOf(addresses: readonly string[]): string {
  return addresses.slice(0, 4).join(", ") + (addresses.length > 4 ? ", ..." : "");
}

/** A title and its text: side by side, or in a narrow window the text under it. */
function rowLines(title: string, text: string, { columns }: Paper): string[] {
  const room = (columns ?? Number.POSITIVE_INFINITY) - WIDTH - 2;
  if (room >= LEAST) return fill(text, room).map((line, i) => `${(i === 0 ? title : "").padEnd(WIDTH)}  ${line}`);
  return [...(title === "" ? [] : [title]), ...fill(text, columns! - 2).map((line) => `  ${line}`)];
}
