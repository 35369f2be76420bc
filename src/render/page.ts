import type { Bytes } from "../ground/bytes.js";
import { hex } from "../ground/hex.js";
import { plural } from "../ground/plural.js";
import { safeText } from "../ground/safe-text.js";
import type { PageReport } from "../report/page.js";
import type { Paper } from "./paper.js";
import type { Style } from "./style.js";
import { time } from "./units.js";
import { fill, wrap } from "./wrap.js";

/** A window narrower than this has no room for the bytes as text. */
const NARROW = 70;
/** Lines without meaning are shown so many before they are folded. */
const MOST_ALIKE = 1;

/** The sub-buffer side by side: hex, text, and what the bytes are. Long runs of equal lines are folded into one `*`. */
export function renderPage(report: PageReport, page: Bytes, paper: Paper): string {
  const { style } = paper;
  const place = [`CPU ${report.cpu}`, `id ${report.id}`, `index ${report.index}`];
  const head = [
    `${style.heading(safeText(report.image.name))}: ${place.join(", ")} (${report.roles.join("+")}, ${report.state}) at offset ${hex(report.offset)}` +
      `${report.virtual ? `, virtual ${report.virtual}` : ""}${report.physical ? `, physical ${report.physical}` : ""}`,
    `time stamp ${time(BigInt(report.timeStamp), report.nanoseconds)}, ${report.size} bytes committed, ${plural(report.events, "event")}`,
    ...(report.missing > 0
      ? [
          style.error(
            `the file ends before ${report.length === 0 ? "it" : "its end"}: ${report.missing} bytes are missing`,
          ),
        ]
      : []),
    ...report.damage.map(({ what, length, offset }) =>
      style.error(`${what}: ${length} bytes are not an event (at offset ${hex(offset)})`),
    ),
  ];
  const lines = head.map((line) => (paper.columns === undefined ? line : wrap(line, paper, "  ")));
  lines.push("");
  const layout = layoutFor(paper);
  for (const part of report.parts) for (const line of partLines(part, report, page, layout)) lines.push(line);
  return `${lines.join("\n")}\n`;
}

type ReportPart = PageReport["parts"][number];

interface Layout {
  readonly bytesALine: number;
  readonly text: boolean;
  /** Columns for what the bytes are. */
  readonly room: number;
  readonly style: Style;
}

function layoutFor({ columns, style }: Paper): Layout {
  const narrow = columns !== undefined && columns < NARROW;
  const bytesALine = narrow ? 4 : 8;
  const left = 8 + 2 + bytesALine * 3 - 1 + 2 + (narrow ? 0 : bytesALine + 4);
  return {
    bytesALine,
    text: !narrow,
    room: columns === undefined ? Number.POSITIVE_INFINITY : Math.max(16, columns - left),
    style,
  };
}

/** A run of bytes, and what it is. */
interface Piece {
  readonly offset: number;
  readonly length: number;
  readonly what: string;
}

function* partLines(part: ReportPart, report: PageReport, page: Bytes, layout: Layout): Generator<string> {
  const paint = painterOf(part.kind, layout.style);
  const title = titleOf(part, report.nanoseconds);
  for (const [i, { what, ...piece }] of piecesOf(part).entries()) {
    const notes = (i === 0 ? [title, what] : [`  ${what}`]).filter((text) => text.trim() !== "");
    yield* pieceLines({ ...piece, notes }, page, layout, paint);
  }
}

/** The fields of a record, and the holes between them; else the part as it is. */
function piecesOf({ fields, offset, length }: ReportPart): Piece[] {
  if (fields.length === 0) return [{ offset, length, what: "" }];
  const pieces: Piece[] = [];
  let end = offset;
  for (const field of fields) {
    if (field.offset > end) pieces.push({ offset: end, length: field.offset - end, what: "(hole)" });
    const text = `${safeText(field.name)} = ${safeText(field.value)}`;
    pieces.push({ offset: field.offset, length: field.length, what: pieces.length === 0 ? `  ${text}` : text });
    end = field.offset + field.length;
  }
  if (end < offset + length) pieces.push({ offset: end, length: offset + length - end, what: "" });
  return pieces;
}

function titleOf(part: ReportPart, nanoseconds: boolean): string {
  const value = part.value === undefined ? "" : ` = ${part.value}`;
  const when = part.time === undefined ? "" : ` at ${time(BigInt(part.time), nanoseconds)} (delta ${part.timeDelta})`;
  const what = part.kind === "header" ? part.what : `${part.kind}: ${safeText(part.what)}`;
  return `${what}${value}${when}, ${part.length} bytes`;
}

/** A piece with what is said beside its bytes. */
type NotedPiece = Omit<Piece, "what"> & { readonly notes: readonly string[] };

function* pieceLines(
  piece: NotedPiece,
  page: Bytes,
  layout: Layout,
  paint: (text: string) => string,
): Generator<string> {
  const { bytesALine, text, room, style } = layout;
  const notes = piece.notes.flatMap((each) => {
    const indent = " ".repeat(/^ */.exec(each)![0].length);
    return fill(each.trimStart(), room - indent.length - 2, room - indent.length).map(
      (line, i) => `${indent}${i === 0 ? "" : "  "}${line}`,
    );
  });
  const start = piece.offset - page.offset;
  let previous = "";
  let alike = 0;
  let folded = false;
  for (let at = 0; at < piece.length || notes.length > 0; at += bytesALine) {
    const row = at < piece.length ? page.u8.subarray(start + at, start + Math.min(at + bytesALine, piece.length)) : [];
    const digits = Array.from(row, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    alike = digits === previous ? alike + 1 : 0;
    previous = digits;
    const note = notes.shift() ?? "";
    if (alike >= MOST_ALIKE && note === "" && at + bytesALine < piece.length) {
      if (!folded) yield style.faint("*");
      folded = true;
      continue;
    }
    folded = false;
    const offset = row.length === 0 ? " ".repeat(8) : (piece.offset + at).toString(16).padStart(8, "0");
    const shown = String.fromCharCode(...Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? byte : 0x2e)));
    const side =
      text && row.length > 0
        ? `  |${shown}|${" ".repeat(bytesALine - row.length)}`
        : text
          ? " ".repeat(bytesALine + 4)
          : "";
    yield `${row.length === 0 ? offset : style.faint(offset)}  ${row.length === 0 ? " ".repeat(bytesALine * 3 - 1) : paint(digits.padEnd(bytesALine * 3 - 1))}${style.faint(side)}${note === "" ? "" : `  ${note}`}`.trimEnd();
  }
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
