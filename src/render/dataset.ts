import { plural } from "../ground/plural.js";
import { safeText } from "../ground/safe-text.js";
import type { DatasetReport } from "../report/dataset.js";
import type { Paper } from "./paper.js";
import { renderTable } from "./table.js";
import { bytes } from "./units.js";

/** What became of each image, for people; what failed is told on stderr. */
export function renderDataset({ dataset, events, written, there, failed }: DatasetReport, paper: Paper): string {
  const counts = [
    `${plural(written.length, "image")} written, ${plural(events, "event")}`,
    ...(there.length > 0 ? [`${there.length} there already`] : []),
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
  ];
  const head = `${paper.style.heading(safeText(dataset))}: ${counts.join("; ")}\n`;
  if (written.length === 0) return head;
  const table = renderTable(
    [
      { title: "host" },
      { title: "boot" },
      { title: "events", align: "right", keep: 3 },
      { title: "size", align: "right", keep: 2 },
      { title: "image", keep: 1 },
    ],
    written.map((part) => [
      safeText(part.host),
      safeText(part.boot),
      String(part.events),
      bytes(part.size),
      safeText(part.image),
    ]),
    paper,
  );
  return `${head}\n${table}`;
}
