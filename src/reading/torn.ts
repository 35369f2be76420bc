import { type Image, subbufBytes } from "../image/image.js";
import { withinClock } from "./clock-range.js";
import type { Draft } from "./cpu-reading.js";
import { doubtEchoes } from "./echoes.js";
import { runsByLengths } from "./resync/by-lengths.js";
import { withChain } from "./resync/chain.js";
import { Explainer, type PageExplanation, type Run } from "./resync/explain.js";
import { Knowledge } from "./resync/knowledge.js";
import type { TornPage } from "./resync/page.js";
import { walkedBytes } from "./resync/walked.js";
import { isZero, LINE } from "./resync/words.js";
import type { Stretch } from "./stretch.js";
import type { Candidate } from "./subbuf-reading.js";

/** Whether a CPU's sub-buffers say by themselves that the memory did not survive whole. */
export function isTorn({ order }: Draft): boolean {
  return order.some((page, i) => {
    if (page.role === "consumed") return false;
    const next = order[i + 1];
    return (
      page.torn ||
      !page.anchored ||
      page.repairs.length > 0 ||
      (next !== undefined && page.end > next.time && !page.wentBack)
    );
  });
}

/**
 * Looks again at every unread sub-buffer of an image that did not survive whole: what the records of all of it are like
 * tells where in a torn one they end and begin again (resync/). Twice: what the first look explains teaches the second.
 */
export function resync(image: Image, drafts: readonly Draft[]): void {
  const { littleEndian } = image.layout.abi;
  const { headerSize, capacity } = image.subbufs;
  const walked = new Knowledge();
  for (const {
    table: { cpu },
    order,
  } of drafts)
    for (const { role, header, index } of order) {
      if (role === "consumed") continue;
      const size = header.size > 0 && header.size <= capacity ? header.size : capacity;
      walked.learn(subbufBytes(image, cpu, index).view, littleEndian, headerSize, headerSize + size);
    }
  if (walked.events < LEAST_LEARNT) {
    for (const draft of drafts) stepOver(image, draft, walked);
    return;
  }
  const explained = new Knowledge();
  for (const draft of drafts)
    explainCpu(image, draft, new Explainer(walked, littleEndian), (_, { runs }, view) =>
      explained.learnRuns(view, littleEndian, runs),
    );
  for (const draft of drafts)
    explainCpu(image, draft, new Explainer(explained, littleEndian), (page, explanation, view) => {
      const { time, header } = page;
      const end = header.size > 0 && header.size <= capacity ? headerSize + header.size : view.byteLength;
      apply(page, withChain(explanation, { view, littleEndian, start: headerSize, end, time, knowledge: explained }));
    });
  doubtEchoes(image, drafts);
}

/** From fewer events nothing can be learnt of what others look like: each would seem unlikely, and the walk knows better. */
const LEAST_LEARNT = 32;

/** Only records that hold no event are stepped over. */
function stepOver(image: Image, { table: { cpu }, order }: Draft, knowledge: Knowledge): void {
  const { littleEndian } = image.layout.abi;
  const { headerSize, capacity } = image.subbufs;
  for (const page of order) {
    const { role, torn, cutOff, header, anchored, time } = page;
    if (role === "consumed" || !torn || cutOff || header.size > capacity) continue;
    const { view } = subbufBytes(image, cpu, page.index);
    const committed = { view, littleEndian, start: headerSize, end: headerSize + header.size, time, knowledge };
    const runs = runsByLengths(committed, anchored);
    if (runs !== undefined)
      apply(page, withChain({ origin: time, runs, highest: Number.POSITIVE_INFINITY }, committed));
  }
}

type Take = (page: Candidate, explanation: PageExplanation, view: DataView) => void;

function explainCpu(image: Image, { table: { cpu }, order }: Draft, explainer: Explainer, take: Take): void {
  const { headerSize, capacity } = image.subbufs;
  const { littleEndian } = image.layout.abi;
  const unread = order.filter(({ role, cutOff }) => role !== "consumed" && !cutOff);
  const nextTimes = timesBehind(unread);
  let low: bigint | undefined;
  let unconfirmed = true;
  unread.forEach((page, i) => {
    const { view } = subbufBytes(image, cpu, page.index);
    const size = isCommitDisproved(page) ? page.records.end - headerSize : page.header.size;
    // Of the pages in the middle the writer filled each; a line of zeros is one that was lost.
    const whole = i === 0 || i + 1 === unread.length || size >= capacity - 4;
    const told = size > 0 && size <= capacity && size % 4 === 0 && whole && !isZero(view, 0, LINE);
    const torn = {
      view,
      start: headerSize,
      end: view.byteLength,
      committed: told ? size : undefined,
      time: page.anchored ? page.time : undefined,
      unconfirmed,
      low,
      high: page.wentBack ? undefined : nextTimes[i],
    };
    const explanation = explained(explainer, torn, page, littleEndian);
    take(page, explanation, view);
    for (const { exact, after } of explanation.runs)
      if (exact && !page.wentBack) low = later(low, explanation.origin + BigInt(Math.round(after)));
    if (page.anchored) low = later(low, page.time);
    if (explanation.runs[0]?.exact && explanation.runs[0].start === headerSize) unconfirmed = false;
  });
}

/** Its lengths lead beyond its commit, and soundly to the end of the page: as a writer leaves each but the one that it was on. */
function isCommitDisproved({ isCommit, repairs }: Candidate): boolean {
  return !isCommit && repairs.includes("commit-from-records");
}

/**
 * Where that leaves out of what walking the page finds, up to where it breaks off, the times may be wrong that bound it: its
 * own, where its records lead soundly to its end, or its neighbours'. None of its records is given up for the sake of times that
 * are damaged: kernels keep such a page.
 */
function explained(explainer: Explainer, torn: TornPage, page: Candidate, littleEndian: boolean): PageExplanation {
  const bounded = explainer.explain(torn);
  const { anchored, records, time } = page;
  if (anchored && (page.torn || records.damage !== undefined)) return bounded;
  const { view, start } = torn;
  const walked = { view, littleEndian, start, end: records.end };
  const explains = ({ runs }: PageExplanation): number => walkedBytes(runs, walked);
  const all = records.end - start;
  if (explains(bounded) === all) return bounded;
  if (anchored) {
    const untimed = explainer.explain({ ...torn, time: undefined });
    if (explains(untimed) === all) return untimed;
  }
  const free = explainer.explain({ ...torn, low: undefined, high: undefined, stampsTo: torn.high });
  if (explains(free) <= explains(bounded) || (!anchored && free.runs.some(({ exact }) => exact))) return bounded;
  // About where it stands, and nobody knows when.
  const anyTime = { exact: false, low: -Number(time), high: Number.POSITIVE_INFINITY };
  const runs = free.runs.map((run) => ({ ...run, ...anyTime }));
  return { origin: time, runs, highest: Number.POSITIVE_INFINITY };
}

function later(a: bigint | undefined, b: bigint): bigint {
  return a === undefined || b > a ? b : a;
}

/** Of each page, the next time stamp behind it that is believed. */
function timesBehind(pages: readonly Candidate[]): (bigint | undefined)[] {
  const times = new Array<bigint | undefined>(pages.length);
  let next: bigint | undefined;
  for (let i = pages.length - 1; i >= 0; i--) {
    times[i] = next;
    if (pages[i]!.anchored) next = pages[i]!.time;
  }
  return times;
}

/** Takes the explanation of a page for what it holds. */
function apply(page: Candidate, { origin, runs }: PageExplanation): void {
  const [only] = runs;
  const sound = runs.length === 1 && only!.exact && only!.doubts.length === 0 && only!.breakBefore === undefined;
  if (sound && !page.torn && only!.end === page.records.end && page.records.damage === undefined) return;
  const pieces = runs.map((run) => stretchOf(run, origin));
  page.pieces = pieces;
  const events = runs.reduce((sum, run) => sum + run.events, 0);
  const first = runs[0];
  const last = runs.at(-1);
  page.repairs = page.repairs.filter((repair) => repair === "order-from-time");
  const whole =
    !page.torn &&
    last?.end === page.records.end &&
    runs.every(({ doubts, start }, i) => doubts.length === 0 && (i === 0 || start === runs[i - 1]!.end));
  if (!whole) page.mend("resynchronised");
  else if (!first?.exact) page.mend("time-from-neighbours");
  page.lostAfter = false;
  if (first === undefined || last === undefined || events === 0) {
    page.evidence = "no-records";
    const { start, end, full, damage, first: from, last: to } = page.records;
    page.records = { ...NOT_COUNTED, events: 0, start, end, full, damage, first: from, last: to };
    page.lostAfter = true;
    return;
  }
  page.evidence = "unread";
  page.time = pieces[0]!.time;
  const { start, full, damage } = page.records;
  page.records = {
    ...NOT_COUNTED,
    events,
    start,
    end: last.end,
    full,
    damage,
    first: 0,
    last: Number(pieces.at(-1)!.time - page.time) + last.after - last.before,
  };
}

function stretchOf(run: Run, origin: bigint): Stretch {
  const { start, end, events, before, after, exact, low, high, doubts, breakBefore } = run;
  const told = at(origin, before);
  const time = exact ? told : withinClock(told, BigInt(Math.round(after - before)));
  const since = before + Number(time - told);
  return {
    start,
    end,
    events,
    time,
    bounds: exact ? undefined : { early: span(low, since), late: span(since, high) },
    doubts,
    lostBefore: breakBefore !== undefined && breakBefore < start,
  };
}

/** An explanation tells of events alone. */
const NOT_COUNTED = { paddings: 0, timeExtends: 0, timeStamps: 0 };

function at(origin: bigint, since: number): bigint {
  return origin + BigInt(Math.round(since));
}

/** Infinity is a bound that nothing sets: as far as times go. */
function span(from: number, to: number): bigint {
  return to === Number.POSITIVE_INFINITY ? 1n << 62n : BigInt(Math.max(0, Math.round(to - from)));
}
