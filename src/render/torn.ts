import { plural, pluralVerb } from "../ground/plural.js";
import type { InspectCpu, InspectReport, TornReport } from "../report/inspect.js";
import { RING_LETTERS } from "../report/inspect.js";
import type { Paper } from "./paper.js";
import { onPaper } from "./wrap.js";

/** What of the memory did not survive, a line each, and what is readable all the same. */
export function tornLines(torn: TornReport, events: number): string[] {
  const parts = [
    [torn.behindBreaks, "after a break"],
    [torn.doubted, "in doubt (?)"],
    [torn.bounded, "at estimated times (~)"],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  const lost =
    torn.lostBytes > 0 ? `; ${torn.lostBytes} bytes are lost, room for about ${plural(torn.lostEvents, "event")}` : "";
  return [
    ...torn.kinds.map((places) => placesText(places, torn.lineSize)),
    `${pluralVerb(events, "event")} readable${told.length > 0 ? `: ${told.join(", ")}` : ""}${lost}`,
  ];
}

type Places = TornReport["kinds"][number];

function placesText({ kind, places, bytes, holds }: Places, lineSize: number | null): string {
  if (kind === "cut-off")
    return `${pluralVerb(places, "sub-buffer")} not in the file, in whole or in part: it was cut short`;
  return `${pluralVerb(places, "place", ["looks", "look"])} like ${LOOKS[kind](lineSize === null ? "" : ` of ${lineSize} bytes`, { bytes, holds })}`;
}

const LOOKS: Readonly<
  Record<Exclude<Places["kind"], "cut-off">, (size: string, places: Pick<Places, "bytes" | "holds">) => string>
> = {
  "stale-lines": (size) => `cache lines${size} that were not written back: the machine was reset without flushing`,
  "zeroed-lines": (size) => `cache lines${size} that were cleared, or never written back to cleared memory`,
  "single-bits": () => "single bits that changed: memory that lost its refresh",
  "foreign-data": (_, { bytes, holds }) => `other data (${holds.join(", ")}) that was written over it: ${bytes} bytes`,
  overwritten: (_, { bytes }) => `ranges that something else overwrote: ${bytes} bytes`,
  unclear: () => "bytes that are no event's; what wrote them is not clear",
};

/** What stands for a sub-buffer in the strip; where one stands for several, the first of these that is among them. */
const MARKS = [
  [RING_LETTERS.lost, "!", "lost"],
  [RING_LETTERS.torn, "x", "torn"],
  [RING_LETTERS.dropped, "d", "dropped"],
  [RING_LETTERS.unread, "=", "unread"],
  [RING_LETTERS.consumed, "-", "consumed"],
  [RING_LETTERS.empty, ".", "empty"],
] as const;

/** Columns of a strip where there is no window, and its lines at most. */
const COLUMNS = 100;
const LINES = 4;

/** Each CPU's sub-buffers, a character each (or for several), and what the characters mean. */
export function ringStrips(report: InspectReport, paper: Paper): string {
  const width = Math.min(paper.columns ?? COLUMNS, 120) - STRIP_MARGIN.length;
  const most = Math.max(0, ...report.cpus.map(({ ring }) => ring.length));
  const each = Math.max(1, Math.ceil(most / (width * LINES)));
  const seen = MARKS.filter(([letter]) => report.cpus.some(({ ring }) => ring.includes(letter)));
  const legend = `Each CPU's sub-buffers, the reader page first, then from the oldest${each > 1 ? `, ${each} a character` : ""}: ${seen.map(([, mark, word]) => `${mark} ${word}`).join(", ")}`;
  const strips = report.cpus.map((cpu) => strip(cpu, each, width));
  return `\n${strips.join("\n")}\n${paper.style.faint(onPaper(legend, paper))}\n`;
}

const STRIP_MARGIN = " ".repeat(7);

function strip({ cpu, ring }: InspectCpu, each: number, width: number): string {
  let marks = "";
  for (let at = 0; at < ring.length; at += each) {
    const part = ring.slice(at, at + each);
    marks += MARKS.find(([letter]) => part.includes(letter))![1];
  }
  const lines = marks.match(new RegExp(`.{1,${width}}`, "g")) ?? [""];
  return lines.map((line, i) => (i === 0 ? `CPU ${cpu}`.padEnd(STRIP_MARGIN.length) : STRIP_MARGIN) + line).join("\n");
}
