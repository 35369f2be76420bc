import { safeText } from "../ground/safe-text.js";
import { FORMAT_NAMES } from "../input/memory/physical.js";
import type { LocateReport } from "../report/locate.js";
import type { Paper } from "./paper.js";
import { type Column, renderTable } from "./table.js";
import { bytes, plural, time } from "./units.js";
import { onPaper } from "./wrap.js";

/** What was found, for a person. */
export function* renderLocate(report: LocateReport, paper: Paper): Generator<string> {
  const { memory, areas } = report;
  const { style } = paper;
  const what = `${safeText(memory.name)}: ${FORMAT_NAMES[memory.format]}`;
  const found = areas.length === 0 ? "no persistent buffer" : plural(areas.length, "persistent buffer");
  const searched = memory.stopped ? `, stopped after ${bytes(memory.searched)}` : "";
  const sentence = (text: string): string => `${onPaper(text, paper, "  ")}\n`;
  yield sentence(`${style.heading(what)}: ${found} in ${bytes(memory.bytes)}${searched}`);
  if (memory.lookalikes > 0)
    yield sentence(
      `${plural(memory.lookalikes, "page")} ${memory.lookalikes === 1 ? "looks" : "look"} like the start of one, but nothing that fits follows`,
    );
  if (areas.length === 0) return;
  const columns: Column[] = [
    { title: memory.format === "raw" ? "offset" : "address" },
    { title: "size", align: "right" },
    { title: "CPUs", align: "right", keep: 5 },
    { title: "events", align: "right" },
    { title: "first", align: "right", keep: 2 },
    { title: "last", align: "right", keep: 4 },
    { title: "state" },
    { title: "role", keep: 3 },
    { title: "written by", keep: 1 },
  ];
  const rows = areas.map((area) => [
    area.address,
    `0x${area.size.toString(16)}`,
    String(area.cpus),
    String(area.events),
    timeText(area.firstTime, area),
    timeText(area.lastTime, area),
    `${area.certainty === "proven" ? style.good("PROVEN") : "likely"}, ${stateText(area)}`,
    area.role ?? "-",
    area.kernels,
  ]);
  yield `\n${renderTable(columns, rows, paper)}`;
  for (const { address, file } of areas) if (file !== null) yield `${address} written to ${safeText(file)}\n`;
}

function stateText({ missing, damaged }: LocateReport["areas"][number]): string {
  const parts = [
    ...(missing > 0 ? [`${missing} bytes missing`] : []),
    ...(damaged > 0 ? [`${plural(damaged, "place")} damaged`] : []),
  ];
  return parts.length === 0 ? "sound" : parts.join(", ");
}

function timeText(value: string | null, { nanoseconds }: LocateReport["areas"][number]): string {
  return time(value === null ? undefined : BigInt(value), nanoseconds);
}
