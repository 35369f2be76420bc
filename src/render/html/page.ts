import { createHash } from "node:crypto";
import { plural } from "../../ground/plural.js";
import { safeText } from "../../ground/safe-text.js";
import type { Dossier } from "../../report/dossier.js";
import { renderLast } from "../last.js";
import type { Paper } from "../paper.js";
import { plainStyle } from "../style.js";
import { html, jsonForScript } from "./escape.js";
import { packedLanes } from "./pack.js";
import { SCRIPT } from "./script.js";
import { orderPicture, ringStrip } from "./strips.js";
import { STYLE } from "./style.js";
import { checkTable, findingsTable, latencyTables } from "./tables.js";

const PAPER: Paper = { columns: 110, unicode: true, style: plainStyle(), wide: false };
/** What the button `the end` shows. */
const END_NS = 200e6;
const STATES = ["unread", "consumed", "empty", "dropped", "lost"] as const;

/** The report as one page: it asks nothing of the network, and its policy lets it ask nothing. */
export function renderPage(dossier: Dossier): string {
  const { last, inspect, lanes, made } = dossier;
  const { base64, columns } = packedLanes(lanes);
  const { start, nanoseconds, length, cpus, types, tasks, calls, irqKinds } = lanes;
  const meta = jsonForScript({
    start,
    nanoseconds,
    length,
    cpus,
    types: types.map(safeText),
    tasks: tasks.map(safeText),
    calls: calls.map(safeText),
    irqKinds,
    columns,
    endWindow: nanoseconds ? END_NS : length / 10,
  });
  const text = renderLast(last, PAPER);
  const policy = `default-src 'none'; script-src '${hashOf(SCRIPT)}'; style-src '${hashOf(STYLE)}'; base-uri 'none'; form-action 'none'`;
  const body = html`<h1>${made.image}</h1>
<p class="answer">${last.answer}</p>
<p class="soft">${plural(inspect.cpus.length, "CPU")}, ${plural(
    inspect.cpus.reduce((sum, { events }) => sum + events, 0),
    "event",
  )}${made.release === undefined ? "" : `, Linux ${made.release}`}; a report of rbtool ${made.version}</p>
<h2>Over the time</h2>
<div class="bar"><button id="in" type="button">closer</button><button id="out" type="button">farther</button><button id="all" type="button">all</button><button id="end" type="button">the end</button><span class="soft">wheel: zoom, drag: move; a lane a CPU: tasks, their system calls, interrupts, events</span></div>
<canvas id="lanes" tabindex="0" aria-label="what each CPU did over the time"></canvas>
<div class="tip" id="tip" role="status">&nbsp;</div>
${lanes.left > 0 ? html`<p class="soft">The first ${lanes.left} events are not drawn.</p>` : undefined}<noscript><p>The lanes need JavaScript; all else is here without it.</p></noscript>
<h2>At the end</h2>
<pre>${text}</pre>
<h2>The ring of each CPU</h2>
<p class="key">${STATES.map((state) => html`<i class="k-${state}"></i>${state}`)}</p>
${inspect.cpus.map((cpu) => html`<h3>CPU ${cpu.cpu}: ${plural(cpu.events, "event")}</h3>${ringStrip(cpu)}`)}
<h2>buffers[] against memory</h2>
${inspect.cpus.map(orderPicture)}
<h2>What the next boot would keep</h2>
${checkTable(dossier)}
<h2>Findings</h2>
${findingsTable(dossier)}
<h2>How long things took</h2>
${latencyTables(dossier)}
<h2>How this was made</h2>
<pre>rbtool ${made.version}: ${made.options.join(" ")}
image ${made.image}, ${made.size} bytes, SHA-256 ${made.sha256}
${made.release === undefined ? "the writing kernel's release is not known" : `written by Linux ${made.release}`}; ${made.formats} event formats, ${made.symbols ? "with" : "without"} symbols</pre>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">
<title>${html`${last.answer.slice(0, 120)}`.text}</title>
<style>${STYLE}</style></head><body>
${body.text}
<script type="application/json" id="meta">${meta.text}</script>
<script type="application/octet-stream" id="columns">${base64}</script>
<script>${SCRIPT}</script>
</body></html>
`;
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text, "utf8").digest("base64")}`;
}
