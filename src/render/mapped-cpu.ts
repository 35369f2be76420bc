import { hex } from "../ground/hex.js";
import { safeText } from "../ground/safe-text.js";
import { Sequence } from "../ground/sequence.js";
import type { MmapCpuReport, MmapLayoutReport } from "../report/mmap-layout.js";
import { type MapRun, MOST_LISTED, rangeOf, runOf, runsOf } from "./map-runs.js";
import { stepsPart, warningsText } from "./map-steps.js";
import type { Paper } from "./paper.js";
import { rolesText, stateText } from "./subbuf-words.js";
import { type Column, renderTable, tableParts } from "./table.js";
import { time } from "./units.js";
import { heading, wrap } from "./wrap.js";

/** One CPU's mapping: the user meta page, the sub-buffers, and what reading on does. */
export function* cpuPart(
  report: MmapLayoutReport,
  cpu: MmapCpuReport,
  { listed, paper }: { readonly listed: boolean; readonly paper: Paper },
): Generator<string> {
  if (cpu.fault && !cpu.meta) {
    yield `\n${paper.style.error(`CPU ${cpu.cpu}: the kernel fails in ${cpu.fault.function}()`)}: ${safeText(cpu.fault.message)}\n`;
    return;
  }
  if (!cpu.meta) return;
  yield heading(`CPU ${cpu.cpu}: user meta page`, "struct trace_buffer_meta, rb_update_meta_page()", paper);
  yield renderTable(
    [
      { title: "field", keep: 9 },
      { title: "value", align: "right", keep: 9 },
      { title: "meaning", keep: 1 },
    ],
    cpu.meta.map(({ name, value, about }) => [
      report.notStored.includes(name as never) ? paper.style.faint(`${name} *`) : name,
      `${value}`,
      paper.style.faint(about),
    ]),
    paper,
  );
  yield heading(
    `CPU ${cpu.cpu}: sub-buffers`,
    cpu.ids!.rule === "persistent"
      ? "rb_page_id(): user id = physical index, kernel id = bpage->id; ordinary = the id without persistent memory"
      : "rb_page_id(): user id = the order of the ring at map time; kernel id = what bpage->id was in the persistent buffer",
    paper,
  );
  const runs = listed || cpu.pages.length <= MOST_LISTED ? cpu.pages.map(runOf) : runsOf(cpu.pages);
  yield* pagesTable(report, runs, paper);
  if (runs.length < cpu.pages.length)
    yield `${wrap(`  in runs; --pages lists each of the ${cpu.pages.length} sub-buffers`, paper, "    ")}\n`;
  yield `${wrap(`  rb_struct_page: ${cpu.structPage!.used}() - ${cpu.structPage!.note}${report.physicalStart === null ? " (--phys)" : ""}${cpu.structPage!.directMapOffset === null ? "" : ` (physical address 0 would be at ${cpu.structPage!.directMapOffset})`}`, paper, "    ")}\n`;
  yield `${wrap(`  flushed at map time: ${flushText(cpu.flushes)}`, paper, "    ")}\n`;
  yield warningsText(cpu.warnings, paper.style);
  yield* stepsPart(report, cpu, paper);
}

function pageColumns(physical: boolean): Column[] {
  return [
    { title: "map offset", keep: 8 },
    { title: "user id", align: "right", keep: 10 },
    { title: "kernel id", align: "right", keep: 10 },
    { title: "ordinary", align: "right", keep: 7 },
    { title: "role", keep: 9 },
    { title: "state", keep: 6 },
    { title: "read as", align: "right", keep: 9 },
    { title: "image offset", keep: 4 },
    { title: "virtual", keep: 2 },
    ...(physical
      ? ([
          { title: "physical", keep: 3 },
          { title: "pfn", keep: 7.5 },
        ] as const)
      : []),
    { title: "time stamp", align: "right", keep: 6 },
    { title: "commit", align: "right", keep: 5 },
    { title: "events", align: "right", keep: 8 },
  ];
}

function pagesTable(
  report: MmapLayoutReport,
  runs: Sequence<MapRun> | readonly MapRun[],
  paper: Paper,
): Generator<string> {
  const { nanoseconds } = report;
  const physical = report.physicalStart !== null;
  const meta = [
    hex(0),
    paper.style.faint("meta"),
    "",
    "",
    paper.style.faint("user meta page"),
    "",
    "",
    paper.style.faint("none: ordinary memory"),
    "",
    ...(physical ? ["", ""] : []),
    "",
    "",
    "",
  ];
  const row = ({ first: page, count, events }: MapRun): string[] => [
    hex(page.mapOffset),
    rangeOf(page.userId, count),
    rangeOf(page.kernelId, count),
    rangeOf(page.ordinaryId, count),
    rolesText(page.roles, paper.style),
    stateText(page.state, paper.style),
    page.readingOrder === null ? paper.style.faint("-") : rangeOf(page.readingOrder + 1, count),
    hex(page.offset),
    page.virtual ?? "",
    ...(physical
      ? [
          page.physical ?? "",
          page.pfnByVirtToPage === page.pfnByRange ? (page.pfnByRange ?? "") : `${page.pfnByRange} (range only)`,
        ]
      : []),
    time(BigInt(page.timeStamp), nanoseconds),
    count === 1 ? `${page.size}${page.missedEvents ? " missed" : ""}` : "",
    `${events}`,
  ];
  const before = report.request.pgoff === 0 ? 1 : 0;
  const rows = new Sequence(before + runs.length, (i) => (i < before ? meta : row(runs.at(i - before)!)));
  return tableParts(pageColumns(physical), rows, paper);
}

function flushText(flushes: MmapCpuReport["flushes"]): string {
  return flushes
    .map(({ piece, call, mapOffset, length, userId }) => {
      const what = userId === null ? "the meta page" : `sub-buffer ${userId}`;
      return `${piece}: ${call}() of ${what}, ${hex(mapOffset)} to ${hex(mapOffset + length - 1)}`;
    })
    .join("; ");
}
