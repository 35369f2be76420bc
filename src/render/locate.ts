import { plural, pluralVerb } from "../ground/plural.js";
import { safeText } from "../ground/safe-text.js";
import { FORMAT_NAMES } from "../input/memory/physical.js";
import type { LocateReport } from "../report/locate.js";
import type { Paper } from "./paper.js";
import { type Column, renderTable } from "./table.js";
import { bytes, time } from "./units.js";
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
      `${pluralVerb(memory.lookalikes, "page", ["looks", "look"])} like the start of one, but nothing that fits follows`,
    );
  if (areas.length > 0) yield* renderAreas(report, paper);
  if (report.loose.length > 0) yield* renderLoose(report, paper);
  yield* renderKernel(report, paper);
}

function* renderAreas({ memory, areas }: LocateReport, paper: Paper): Generator<string> {
  const { style } = paper;
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

/** What the dump and the memory say of the kernel. */
function* renderKernel({ kernel, areas }: LocateReport, paper: Paper): Generator<string> {
  if (kernel.release !== null) {
    const moved =
      kernel.kaslrOffset === null || /^0*$/.test(kernel.kaslrOffset)
        ? ""
        : `, moved by 0x${kernel.kaslrOffset} (KASLR)`;
    yield `\n${onPaper(`vmcoreinfo: the kernel is ${safeText(kernel.release)}${safeText(moved)}`, paper, "  ")}\n`;
  }
  if (kernel.said.length === 0) return;
  yield `\n${paper.style.heading("What the memory says")}\n`;
  for (const { address, text, area } of kernel.said) {
    const there =
      area === null ? "" : areas.some((each) => each.address === area) ? " (found)" : " (no area is left there)";
    yield `${onPaper(`${address}  ${safeText(text)}${there}`, paper, "  ")}\n`;
  }
}

/** Sub-buffers that lie in no area. */
function* renderLoose({ memory, areas, loose }: LocateReport, paper: Paper): Generator<string> {
  yield `\n${paper.style.heading(`Sub-buffers outside ${areas.length === 0 ? "any area" : "these areas"}`)}\n`;
  const columns: Column[] = [
    { title: memory.format === "raw" ? "offset" : "address" },
    { title: "pages", align: "right" },
    { title: "of", align: "right", keep: 2 },
    { title: "events", align: "right" },
    { title: "first", align: "right", keep: 3 },
    { title: "last", align: "right", keep: 4 },
    { title: "what they seem to be" },
  ];
  const rows = loose.map((each) => [
    each.address,
    String(each.pages),
    String(each.pageSize),
    String(each.events),
    timeText(each.firstTime, each),
    timeText(each.lastTime, each),
    looseText(each),
  ]);
  yield renderTable(columns, rows, paper);
  for (const { address, file } of loose)
    if (file !== null) yield `the sub-buffers from ${address} on written to ${safeText(file)}\n`;
}

function looseText({ contiguous, copyOf }: LocateReport["loose"][number]): string {
  const place = contiguous ? "one behind another" : "scattered, from there on";
  if (copyOf !== null) return `a copy of the sub-buffers of ${copyOf}, ${place}`;
  return contiguous
    ? "a CPU's part of an area whose metas are destroyed"
    : `${place}: a backup copy in vmalloc memory, or what is left of an area`;
}

function stateText({ missing, damaged }: LocateReport["areas"][number]): string {
  const parts = [
    ...(missing > 0 ? [`${missing} bytes missing`] : []),
    ...(damaged > 0 ? [`${plural(damaged, "place")} damaged`] : []),
  ];
  return parts.length === 0 ? "sound" : parts.join(", ");
}

function timeText(value: string | null, { nanoseconds }: { readonly nanoseconds: boolean }): string {
  return time(value === null ? undefined : BigInt(value), nanoseconds);
}
