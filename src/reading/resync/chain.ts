import { lastUpTo } from "../../ground/last-up-to.js";
import { RecordCursor } from "../../ring/records.js";
import type { Doubt, PageExplanation, Run } from "./explain.js";
import { type Chain, type Committed, chainOf, isKnown, type Link } from "./links.js";
import { withoutFirstLine, withoutLast, withoutUnlike } from "./outer-events.js";
import { LINE, lineOf, nextLine } from "./words.js";

/**
 * A kernel keeps a sub-buffer whose records lead by their lengths to the end of what was committed, whatever they hold
 * (rb_read_data_buffer(), ring_buffer.c). So an event that stands in that chain is not given up where nothing likelier stands
 * in its place (likelier()): it is in doubt, and its time is an estimate. Before 6.18.16 and 6.19.6 kernels keep it as well where a
 * record leads beyond that end; but so do most bytes that are no record, and less is believed then (believable()).
 */
export function withChain(explanation: PageExplanation, committed: Committed): PageExplanation {
  const { origin, runs, highest } = explanation;
  const isWhole = runs.length === 1 && runs[0]!.start === committed.start && runs[0]!.end === committed.end;
  if (isWhole) return explanation;
  const found = chainOf(committed, origin, runs);
  const { events: chain } = found;
  const all: Run[] = [];
  let k = 0;
  const begun = runs.map((run) => likelyBegun(run, found, committed)).filter(({ start, end }) => start < end);
  for (const run of [...likelier(begun, found, committed), undefined]) {
    const to = run?.start ?? committed.end;
    const before = all.at(-1);
    const low = before?.after ?? 0;
    const high = run?.before ?? Math.max(low, highest);
    const within = (time: number): number => Math.min(high, Math.max(low, time));
    let end = before?.end ?? committed.start;
    for (; k < chain.length && chain[k]!.end <= to; k++) {
      const { start, end: next, delta, time } = chain[k]!;
      if (start < end) continue;
      const after = within(time);
      all.push({
        start,
        end: next,
        events: 1,
        before: after - delta,
        after,
        exact: false,
        low: low - delta,
        high: high - delta,
        breakBefore: start > end || before === undefined ? end : undefined,
        doubts: [{ offset: start, code: "line-border" }],
      });
      end = next;
    }
    if (run === undefined) break;
    all.push(run.breakBefore === undefined ? run : { ...run, breakBefore: end });
    while (k < chain.length && chain[k]!.start < run.end) k++;
  }
  return { origin, runs: all, highest };
}

/**
 * A run without what it begins with, where the chain, which leads to what is behind that, has an event of known type and task in its
 * place: without its first event, where that is like no other, or without all that begins in its first line, where the chain's
 * event lies in a later one. Then the line is foreign, and its last record leads to a true one by chance.
 */
function likelyBegun(run: Run, { events, steps }: Chain, committed: Committed): Run {
  if (steps.has(run.start)) return run;
  const inPlace = (rest: Run, after: number): boolean =>
    someOver(events, run, (link) => isKnown(link) && link.end === rest.start && link.start >= after);
  const unlike = withoutUnlike(run, committed);
  if (unlike !== undefined && inPlace(unlike, 0)) return unlike;
  const lineless = withoutFirstLine(run, committed);
  return lineless !== undefined && inPlace(lineless, nextLine(run.start)) ? lineless : run;
}

/**
 * The runs that are likelier than the chain. Those between two places that the chain leads to as well are weighed together.
 */
function likelier(runs: readonly Run[], chain: Chain, committed: Committed): readonly Run[] {
  const { start, end } = committed;
  const kept: Run[] = [];
  let from = start;
  let first = 0;
  for (let next = 1; next <= runs.length; next++) {
    const to = runs[next]?.start ?? end;
    if (!leadsTo(chain, runs[next - 1]!, to) && next < runs.length) continue;
    kept.push(...likelierOf(runs.slice(first, next), { from, to }, chain, committed));
    from = runs[next - 1]!.end;
    first = next;
  }
  return kept;
}

function leadsTo({ steps }: Chain, run: Run, next: number): boolean {
  return steps.has(run.end) || steps.has(next);
}

/**
 * Of runs between two places: but for those that hold no event, those of foreign lines where the chain leads to both places,
 * and those in step with nothing that known events lead over from the run before them.
 */
function likelierOf(between: readonly Run[], place: Gap, chain: Chain, committed: Committed): Run[] {
  const { events, steps } = chain;
  const { from, to } = place;
  const last = between.at(-1)!;
  const isBehindGap = between[0]!.start !== from;
  if (isBehindGap && last.end !== to && leadsKnown(events, from, last.end)) return [];
  const foreign = isBehindGap && leadsTo(chain, last, to) && steps.has(from) && isForeign(between, to);
  return between.flatMap((run, i) => {
    const gap = { from: between[i - 1]?.end ?? from, to: between[i + 1]?.start ?? to };
    const outdoes = (link: Link, k: number): boolean =>
      isKnown(link) && displaces(link, { run, gap }) && reaches(events, k, { run, gap });
    const isBelieved =
      run.events > 0 && !foreign && !(isDoubtful(run, gap, committed) && someOver(events, run, outdoes));
    if (!isBelieved && someOver(events, run, (link) => displaces(link, { run, gap }))) return [];
    const doubt = run.doubts.at(-1);
    const isCut = doubt?.code === "line-border" && someOver(events, run, (link) => outdoesLast(link, doubt, gap));
    return (isCut ? withoutLast(run, doubt.offset, committed) : run) ?? [];
  });
}

/** The first event of the chain that ends behind a place; each ends before the next begins. */
function firstBehind(events: readonly Link[], place: number): number {
  return lastUpTo(events.length, (k) => events[k]!.end, place) + 1;
}

/** Whether events of known type and task lead from one place over another, one behind the other. */
function leadsKnown(events: readonly Link[], from: number, to: number): boolean {
  let at = from;
  for (let k = firstBehind(events, from); at < to; k++) {
    const link = events[k];
    if (link?.start !== at || !isKnown(link)) return false;
    at = link.end;
  }
  return true;
}

/** Whether it is so of an event of the chain that lies over a run. */
function someOver(events: readonly Link[], run: Run, isSo: (link: Link, k: number) => boolean): boolean {
  for (let k = firstBehind(events, run.start); k < events.length && events[k]!.start < run.end; k++)
    if (isSo(events[k]!, k)) return true;
  return false;
}

/**
 * Of what lies over a run: what begins in the run's own line may be as foreign as the run, but where it is in step with what is
 * behind, and the run with nothing.
 */
function displaces(link: Link, { run, gap }: Within): boolean {
  if (run.events === 0 || lineOf(link.start) > lineOf(run.start)) return true;
  return isKnown(link) && link.end === gap.to && run.end !== gap.to && run.start !== gap.from;
}

/** What lies between two runs. */
interface Gap {
  readonly from: number;
  readonly to: number;
}

/** A run, and what lies between those beside it. */
interface Within {
  readonly run: Run;
  readonly gap: Gap;
}

/** Whether an event of the chain reaches to one end of a gap, or, over what is in step with nothing, to another known event. */
function reaches(events: readonly Link[], k: number, { run, gap }: Within): boolean {
  const { start, end } = events[k]!;
  if (start === gap.from || end === gap.to) return true;
  if (run.end === gap.to) return false;
  const [before, next] = [events[k - 1], events[k + 1]];
  return (before?.end === start && isKnown(before)) || (next?.start === end && isKnown(next));
}

/** Whether a run is of another moment and in step with nothing, or of a foreign line and in step with what is behind it by chance. */
function isDoubtful(run: Run, gap: Gap, committed: Committed): boolean {
  if (run.start === gap.from) return false;
  return run.end === gap.to ? isOneLine(run, gap, committed) : isStale([run]);
}

/**
 * Whether an event of which type and task are known begins in the line that a run's last one only reaches into, and reaches to
 * what is behind: where a break is near, either line may be foreign, and kernels read what the chain leads to.
 */
function outdoesLast(link: Link, last: Doubt, gap: Gap): boolean {
  return isKnown(link) && lineOf(link.start) > lineOf(last.offset) && link.end === gap.to;
}

/**
 * Whether runs behind a gap are foreign lines': what follows each other begins in one line and is in step with nothing, or seems
 * to be of another moment, and its last record is in step with those behind it by chance.
 */
function isForeign(runs: readonly Run[], to: number): boolean {
  let first = 0;
  return runs.every((run, k) => {
    const isAlone = run.end !== (runs[k + 1]?.start ?? to);
    if (!isAlone && k + 1 < runs.length) return true;
    const inOneLine = isAlone && lineOf(runs[first]!.start) === lineOf(run.start);
    const following = runs.slice(first, k + 1);
    first = k + 1;
    return inOneLine || isStale(following);
  });
}

/** It is what begins in one line, the first byte of which lies in the gap before it. */
function isOneLine({ start, end }: Run, { from }: Gap, { view, littleEndian }: Committed): boolean {
  if (from > lineOf(start) * LINE || lineOf(end) === lineOf(start)) return false;
  const cursor = new RecordCursor(view, littleEndian);
  cursor.open(start, end, 0, 0);
  while (cursor.next()) if (lineOf(cursor.offset) !== lineOf(start)) return false;
  return cursor.damage === undefined;
}

/** All their events seem to be of another moment. */
function isStale(runs: readonly Run[]): boolean {
  return runs.every(({ events, doubts }) => doubts.filter(({ code }) => code === "stale-line").length === events);
}
