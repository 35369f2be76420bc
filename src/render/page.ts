import type { Bytes } from "../ground/bytes.js";
import { hex } from "../ground/hex.js";
import { safeText } from "../ground/safe-text.js";
import type { PageReport } from "../report/page.js";
import type { Style } from "./style.js";
import { time } from "./units.js";

const BYTES_A_LINE = 16;

/** The annotated hexdump. Long runs of equal lines behind the data are folded into one `*`, as hexdump -C does. */
export function renderPage(report: PageReport, page: Bytes, style: Style): string {
  const place = [`CPU ${report.cpu}`, `id ${report.id}`, `index ${report.index}`];
  const lines = [
    `${style.heading(safeText(report.image.name))}: ${place.join(", ")} (${report.roles.join("+")}, ${report.state}) at offset ${hex(report.offset)}` +
      `${report.virtual ? `, virtual ${report.virtual}` : ""}${report.physical ? `, physical ${report.physical}` : ""}`,
    `time stamp ${time(BigInt(report.timeStamp), report.nanoseconds)}, ${report.size} bytes committed, ${report.events} events`,
    ...report.damage.map(({ what, length, offset }) =>
      style.error(`${what}: ${length} bytes are no event (at offset ${hex(offset)})`),
    ),
    "",
  ];
  for (const part of report.parts) {
    const paint = painterOf(part.kind, style);
    lines.push(`${paint(`${hex(part.offset)}  ${title(part, report.nanoseconds)}`)}`);
    hexLines(page, part.offset - page.offset, part.length, paint, style, lines);
  }
  return `${lines.join("\n")}\n`;
}

type ReportPart = PageReport["parts"][number];

function title(part: ReportPart, nanoseconds: boolean): string {
  const value = part.value === undefined ? "" : `: ${part.value}`;
  const when = part.time === undefined ? "" : ` at ${time(BigInt(part.time), nanoseconds)} (delta ${part.timeDelta})`;
  return `${part.kind}, ${part.length} bytes: ${part.what}${value}${when}`;
}

function painterOf(kind: ReportPart["kind"], style: Style): (text: string) => string {
  switch (kind) {
    case "header":
    case "missed-count":
      return style.header;
    case "data":
      return style.data;
    case "time-extend":
    case "time-stamp":
      return style.time;
    case "padding":
    case "uncommitted":
      return style.padding;
    case "damage":
      return style.error;
  }
}

function hexLines(
  page: Bytes,
  start: number,
  length: number,
  paint: (text: string) => string,
  style: Style,
  lines: string[],
): void {
  let previous = "";
  let folded = false;
  for (let at = 0; at < length; at += BYTES_A_LINE) {
    const row = page.u8.subarray(start + at, start + Math.min(at + BYTES_A_LINE, length));
    const digits = Array.from(row, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const isLast = at + BYTES_A_LINE >= length;
    if (digits === previous && !isLast) {
      if (!folded) lines.push(style.faint("    *"));
      folded = true;
      continue;
    }
    folded = false;
    previous = digits;
    const text = String.fromCharCode(...Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? byte : 0x2e)));
    const offset = (page.offset + start + at).toString(16).padStart(8, "0");
    lines.push(
      `    ${style.faint(offset)}  ${paint(digits.padEnd(BYTES_A_LINE * 3 - 1))}  ${style.faint("|")}${paint(text)}${style.faint("|")}`,
    );
  }
}
