import { durationText } from "../../ground/time-text.js";
import type { Dossier } from "../../report/dossier.js";
import { LATENCY_TABLES } from "../latency.js";
import { html, type Markup, type Piece } from "./escape.js";

/** A cell: text, or text to the right, or text that may wrap. */
interface Cell {
  readonly text: Piece;
  readonly kind?: "r" | "text";
}

const right = (text: Piece): Cell => ({ text, kind: "r" });
const wide = (text: Piece): Cell => ({ text, kind: "text" });

export function table(titles: readonly string[], rows: readonly (readonly Cell[])[]): Markup {
  return html`<div class="scroll"><table><thead><tr>${titles.map((title) => html`<th>${title}</th>`)}</tr></thead><tbody>${rows.map(
    (row) => html`<tr>${row.map(({ text, kind = "" }) => html`<td class="${kind}">${text}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

/** Rows of each table. */
const MOST_ROWS = 15;

export function latencyTables({ latency }: Dossier): Markup[] {
  const duration = (units: string): string => durationText(units, latency.clock.nanoseconds);
  return latency.tables.map(
    ({ name, rows }) =>
      html`<h3>${name} <span class="soft">${LATENCY_TABLES[name]}</span></h3>${table(
        ["what", "count", "average", "max", "total", "open", "worst case"],
        rows.slice(0, MOST_ROWS).map((row) => [
          wide(row.name),
          right(row.count),
          right(duration(row.average)),
          right(duration(row.max)),
          right(duration(row.total)),
          right(row.open === 0 ? "" : row.open),
          {
            text: `CPU ${row.worst.from.cpu} @0x${row.worst.from.offset.toString(16)} ${row.worst.task.comm}-${row.worst.task.pid}`,
          },
        ]),
      )}${rows.length > MOST_ROWS ? html`<p class="soft">${rows.length - MOST_ROWS} more rows</p>` : undefined}`,
  );
}

export function checkTable({ check }: Dossier): Markup {
  return table(
    ["kernel", "verdict", "kept", "dropped", "each CPU"],
    check.kernels.map(({ kernel, summary, keptEvents, droppedEvents, cpus, fault }) => [
      { text: kernel },
      { text: fault === null ? summary.replaceAll("-", " ") : `crashes: ${fault.message}` },
      right(keptEvents),
      right(droppedEvents),
      wide(
        cpus.map(({ cpu, verdict, reason }) => `${cpu} ${verdict}${reason === null ? "" : ` (${reason})`}`).join(", "),
      ),
    ]),
  );
}

export function findingsTable({ findings }: Dossier): Markup {
  if (findings.length === 0) return html`<p>None: nothing is damaged.</p>`;
  return table(
    ["", "code", "what", "bytes there"],
    findings.map(({ severity, code, message, bytes }) => [
      { text: severity },
      { text: code },
      wide(message),
      wide(bytes),
    ]),
  );
}
