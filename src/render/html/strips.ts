import { plural } from "../../ground/plural.js";
import { Sequence } from "../../ground/sequence.js";
import type { InspectCpu, InspectPage } from "../../report/inspect.js";
import { html, type Markup } from "./escape.js";

const WIDTH = 1000;
const HEIGHT = 26;
/** Arrows that are drawn: more would be a smear. */
const MOST_ARROWS = 600;

/** Sub-buffers one after the other in the ring's order that look the same. */
interface Run {
  readonly first: InspectPage;
  readonly from: number;
  to: number;
  events: number;
  readonly state: string;
}

/** A CPU's ring as a strip: a field a sub-buffer in the kernel's order, coloured by its state. */
export function ringStrip({ cpu, pages = Sequence.NONE }: InspectCpu): Markup {
  const runs: Run[] = [];
  const special: { readonly i: number; readonly roles: readonly string[] }[] = [];
  let i = 0;
  for (const page of pages) {
    const state = page.damage === null ? page.state : "lost";
    const last = runs.at(-1);
    const roles = rolesOf(page);
    if (roles.length > 0) special.push({ i, roles });
    if (last !== undefined && last.state === state && roles.length === 0 && rolesOf(last.first).length === 0) {
      last.to = i + 1;
      last.events += page.events;
    } else runs.push({ first: page, from: i, to: i + 1, events: page.events, state });
    i++;
  }
  const x = (i: number): string => ((WIDTH * i) / Math.max(1, pages.length)).toFixed(1);
  const wide = (run: Run): string => ((WIDTH * (run.to - run.from)) / Math.max(1, pages.length)).toFixed(1);
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT + 14}" role="img" aria-label="CPU ${cpu}: sub-buffers in the ring's order">${runs.map(
    (run) =>
      html`<rect class="${run.state}" x="${x(run.from)}" y="0" width="${wide(run)}" height="${HEIGHT}"><title>${titleOf(run)}</title></rect>`,
  )}${special.map(
    ({ i, roles }) =>
      html`<rect class="role" x="${x(i)}" y="0.8" width="${(WIDTH / Math.max(1, pages.length)).toFixed(1)}" height="${HEIGHT - 1.6}"></rect><text x="${Math.min(WIDTH - 60, Number(x(i)))}" y="${HEIGHT + 11}">${roles.join(", ")}</text>`,
  )}</svg>`;
}

/** What a sub-buffer is beside being one of the ring. */
function rolesOf({ roles }: InspectPage): readonly string[] {
  return roles.filter((role) => role !== "ring");
}

function titleOf({ first, from, to, events, state }: Run): string {
  const what =
    to - from === 1 ? `id ${first.id} at index ${first.index}` : `${to - from} sub-buffers from id ${first.id} on`;
  const roles = rolesOf(first).length === 0 ? "" : ` (${rolesOf(first).join(", ")})`;
  return `${what}${roles}: ${state}, ${plural(events, "event")}; first at offset 0x${first.offset.toString(16)}`;
}

/** buffers[]: the kernel's order above, the memory's (a user mapping's) below, a line for each that moved. */
export function orderPicture({ cpu, buffers }: InspectCpu): Markup {
  const count = buffers.length;
  const moved = new Sequence(count, (id) => ({ id, index: buffers.at(id) })).filter(
    ({ id, index }) => index !== id && index >= 0 && index < count,
  );
  if (moved.length === 0) return html`<p class="soft">CPU ${cpu}: every sub-buffer lies where buffers[] began.</p>`;
  const x = (i: number): string => ((WIDTH * (i + 0.5)) / count).toFixed(1);
  return html`<p>CPU ${cpu}: ${moved.length} of ${count} moved, as readers swapped their page in.</p><svg viewBox="0 0 ${WIDTH} 96" role="img" aria-label="CPU ${cpu}: buffers[] against memory"><text x="0" y="10">by id, the kernel's order</text><text x="0" y="94">by index, as memory and a user mapping have it</text>${[
    ...moved.between(0, MOST_ARROWS),
  ].map(
    ({ id, index }) =>
      html`<line class="moved" x1="${x(id)}" y1="16" x2="${x(index)}" y2="80"><title>id ${id} is at index ${index}</title></line>`,
  )}</svg>`;
}
