import type { SubbufChange } from "../compare/images.js";
import { plural } from "../ground/plural.js";
import { safeText } from "../ground/safe-text.js";
import type { ImageDiffReport } from "../report/diff-images.js";
import type { Paper } from "./paper.js";
import type { Style } from "./style.js";
import { wrap } from "./wrap.js";

type CpuChange = ImageDiffReport["cpus"][number];

/** Two images: one sentence, then the area's facts, then each CPU in the kernel's terms. */
export function* renderImageDiff(report: ImageDiffReport, paper: Paper): Generator<string> {
  yield `${wrap(summary(report, paper.style), paper)}\n`;
  if (report.layout.length > 0) {
    for (const { what, from, to } of report.layout) yield `  ${what}: ${from} -> ${to}\n`;
    return;
  }
  if (report.addressDelta !== null && report.addressDelta !== "0x0")
    yield `${wrap(`  address delta ${report.addressDelta}: the area lies elsewhere; first_buffer, head_buffer and commit_buffer of every CPU moved with it`, paper, "    ")}\n`;
  for (const { what, from, to } of report.area)
    yield `${wrap(`  ${what}: ${safeText(from)} -> ${safeText(to)}`, paper, "    ")}\n`;
  for (const cpu of report.cpus) yield* cpuPart(cpu, paper);
}

function summary(report: ImageDiffReport, style: Style): string {
  const names = `${style.heading(safeText(report.before.name))} -> ${style.heading(safeText(report.after.name))}`;
  if (report.layout.length > 0) return `${names}: ${style.error("not two states of one area")}`;
  if (report.same) return `${names}: ${style.good("the same, in every kernel term")}`;
  const count = (kind: SubbufChange["kind"]) =>
    report.cpus.reduce((sum, { subbufs }) => sum + subbufs.filter((change) => change.kind === kind).length, 0);
  const swaps = report.cpus.reduce((sum, { order }) => sum + (order.kind === "swapped" ? order.swaps.length : 0), 0);
  const parts: string[] = [];
  if (swaps > 0) parts.push(`readers took ${plural(swaps, "sub-buffer")}`);
  for (const [kind, text] of HEADLINES) if (count(kind) > 0) parts.push(`${plural(count(kind), "sub-buffer")} ${text}`);
  if (report.addressDelta !== null && report.addressDelta !== "0x0")
    parts.push(`addresses moved by ${report.addressDelta}`);
  for (const { what } of report.area) parts.push(`${what} changed`);
  const missing = report.cpus.reduce((sum, cpu) => sum + cpu.missing.length, 0);
  if (missing > 0) parts.push(`${plural(missing, "sub-buffer")} not in both files`);
  const from = report.cpus.reduce((sum, { eventsFrom }) => sum + eventsFrom, 0);
  const to = report.cpus.reduce((sum, { eventsTo }) => sum + eventsTo, 0);
  const events = from === to ? `still ${plural(to, "unread event")}` : `${from} -> ${plural(to, "unread event")}`;
  return `${names}: ${parts.length > 0 ? parts.join("; ") : "head, commit or ids moved"}; ${events}`;
}

const HEADLINES: readonly (readonly [SubbufChange["kind"], string])[] = [
  ["rewound", "rewound (readable again)"],
  ["consumed", "consumed"],
  ["written", "written"],
  ["dropped", "dropped"],
  ["cleared", "cleared"],
  ["zeroed", "zeroed"],
  ["lost-events-noted", "marked with lost events"],
  ["data-changed", "changed inside"],
];

function* cpuPart(cpu: CpuChange, paper: Paper): Generator<string> {
  const missing = cpu.missing.length > 0 || cpu.order.kind === "unknown";
  if (!cpu.changed && !missing) {
    yield `\n${paper.style.heading(`CPU ${cpu.cpu}`)}: ${paper.style.faint("unchanged")}\n`;
    return;
  }
  yield `\n${paper.style.heading(`CPU ${cpu.cpu}`)}: ${cpu.eventsFrom} -> ${plural(cpu.eventsTo, "unread event")}\n`;
  const lines = [orderText(cpu), moved("reader", cpu.reader), moved("head", cpu.head), moved("commit", cpu.commit)];
  for (const [kind] of HEADLINES) {
    const list = cpu.subbufs.filter((change) => change.kind === kind);
    if (list.length === 0) continue;
    const events = list.reduce((sum, change) => sum + Math.max(change.eventsFrom, change.eventsTo), 0);
    lines.push(
      `${kind}: ${plural(list.length, "sub-buffer")}, index ${ranges(list.map(({ index }) => index))}${events > 0 ? ` (${events} events)` : ""}`,
    );
  }
  if (cpu.missing.length > 0)
    lines.push(
      `not compared: ${plural(cpu.missing.length, "sub-buffer")}, index ${ranges(cpu.missing)}: one of the files has not all of their bytes`,
    );
  for (const line of lines) if (line) yield `${wrap(`  ${line}`, paper, "    ")}\n`;
}

function orderText({ order }: CpuChange): string | undefined {
  switch (order.kind) {
    case "same":
      return undefined;
    case "swapped":
      return `swapped ids: ${order.swaps
        .slice(0, 8)
        .map(({ id, taken, given }) => `id ${id}: ${taken} out, ${given} in`)
        .join("; ")}${order.swaps.length > 8 ? `; and ${order.swaps.length - 8} more` : ""}`;
    case "renumbered":
      return `renumbered: ${order.moved} ids name another sub-buffer${order.shift === null ? "" : `; in the ring ids moved by ${order.shift > 0 ? "+" : ""}${order.shift}`}, as a boot does that rewinds`;
    case "reset":
      return `buffers[] made new: every id is its index (${order.moved} changed)`;
    case "unknown":
      return "not compared: the CPU's meta and buffers[]: one of the files ends before them";
  }
}

function moved(what: string, change: CpuChange["head"]): string | undefined {
  if (!change) return undefined;
  const ref = (subbuf: NonNullable<typeof change>["from"]) =>
    subbuf ? `id ${subbuf.id} (index ${subbuf.index})` : "none";
  return `${what}: ${ref(change.from)} -> ${ref(change.to)}`;
}

/** 1-3, 7, 9-12 */
function ranges(numbers: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < numbers.length; ) {
    let end = i;
    while (numbers[end + 1] === numbers[end]! + 1) end++;
    parts.push(end === i ? `${numbers[i]}` : `${numbers[i]}-${numbers[end]}`);
    i = end + 1;
  }
  return parts.length > 12 ? `${parts.slice(0, 12).join(", ")}, ...` : parts.join(", ");
}
