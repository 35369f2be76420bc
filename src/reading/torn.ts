import { type Image, subbufBytes } from "../image/image.js";
import type { Draft } from "./cpu-reading.js";
import { type Candidate, endOf } from "./examine.js";
import { Explainer, type PageExplanation } from "./resync/explain.js";
import { Knowledge } from "./resync/knowledge.js";
import type { Stretch } from "./stretch.js";

/** Whether a CPU's sub-buffers say by themselves that the memory did not survive whole. */
export function isTorn({ order }: Draft): boolean {
  return order.some((page, i) => {
    if (page.role === "consumed") return false;
    const next = order[i + 1];
    return page.torn || !page.anchored || page.repairs.length > 0 || (next !== undefined && endOf(page) > next.time);
  });
}

/**
 * Looks again at every unread sub-buffer of an image that did not survive whole: what the records of all of it are like
 * tells where in a torn one they end and begin again (resync/).
 */
export function resync(image: Image, drafts: readonly Draft[]): void {
  const { littleEndian } = image.layout.abi;
  const { headerSize, capacity } = image.subbufs;
  const knowledge = new Knowledge();
  for (const { cpu, order } of drafts)
    for (const { role, header, index } of order) {
      if (role === "consumed") continue;
      const size = header.size > 0 && header.size <= capacity ? header.size : capacity;
      knowledge.learn(subbufBytes(image, cpu, index).view, littleEndian, headerSize, headerSize + size);
    }
  knowledge.settle();
  const explainer = new Explainer(knowledge, littleEndian);
  for (const draft of drafts) resyncCpu(image, draft, explainer);
}

function resyncCpu(image: Image, { cpu, order }: Draft, explainer: Explainer): void {
  const { headerSize } = image.subbufs;
  const unread = order.filter(({ role }) => role !== "consumed");
  let low: bigint | undefined = order.findLast(({ role }) => role === "consumed")?.time;
  unread.forEach((page, i) => {
    if (page.cutOff) return;
    const { view } = subbufBytes(image, cpu, page.index);
    const high = unread.slice(i + 1).find(({ anchored }) => anchored)?.time;
    const fits = page.header.size > 0 && page.header.size <= image.subbufs.capacity;
    const torn = {
      view,
      start: headerSize,
      end: view.byteLength,
      committed: page.anchored && fits ? page.header.size : undefined,
      time: page.anchored ? page.time : undefined,
      low,
      high,
    };
    const sound = page.anchored && !page.torn && (high === undefined || endOf(page) <= high);
    if (!sound || !explainer.believes(torn)) apply(page, explainer.explain(torn));
    low = page.stretches?.reduce<bigint | undefined>(surest, low) ?? endOf(page);
  });
}

/** The latest time that a stretch is surely not before. */
function surest(low: bigint | undefined, { time, bounds }: Stretch): bigint {
  const sure = bounds === undefined ? time : time - bounds.early;
  return low === undefined || sure > low ? sure : low;
}

/** Takes the explanation of a page for what it holds. */
function apply(page: Candidate, { origin, runs }: PageExplanation): void {
  page.stretches = runs.map(({ start, end, events, before, exact, low, high, doubts, breakBefore }) => ({
    start,
    end,
    events,
    time: at(origin, before),
    bounds: exact ? undefined : { early: span(low, before), late: span(before, high) },
    doubts,
    lostBefore: breakBefore !== undefined && breakBefore < start,
  }));
  const events = runs.reduce((sum, run) => sum + run.events, 0);
  const first = runs[0];
  const last = runs.at(-1);
  page.repairs = page.repairs.filter((repair) => repair === "order-from-time");
  page.repairs.push("resynchronised");
  page.lostAfter = false;
  if (first === undefined || last === undefined || events === 0) {
    page.evidence = "no-records";
    page.records = { ...page.records, events: 0, counts: [0, 0, 0, 0] };
    page.lostAfter = true;
    return;
  }
  page.evidence = "unread";
  page.time = at(origin, first.before);
  page.records = {
    ...page.records,
    counts: [events, 0, 0, 0],
    events,
    end: last.end,
    first: 0,
    last: last.after - first.before,
  };
}

function at(origin: bigint, since: number): bigint {
  return origin + BigInt(Math.round(since));
}

/** Infinity is a bound that nothing sets: as far as times go. */
function span(from: number, to: number): bigint {
  return to === Number.POSITIVE_INFINITY ? 1n << 62n : BigInt(Math.max(0, Math.round(to - from)));
}
